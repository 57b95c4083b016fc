"""External tools by LTI 1.3: which tools this node knows, and what is said to them and by them."""
