"""Labs: small worlds in which learners try out decisions. A lab says what it asks and what comes
of the choices; the node draws it, keeps the choices, and has the score reckoned anew each time.
"""
