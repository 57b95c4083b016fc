"""One sentence for each thing that can be wrong with a file of questions."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

_ONE_SENTENCE: Mapping[str, str | Promise] = {
    # files and packages
    "not_utf8": _("The text is not in UTF-8."),
    "charset": _("The letters cannot be read in the encoding that the page names: %(name)s"),
    "root": _("It begins with %(element)s and not with %(wanted)s."),
    "format": _("No format of questions begins with %(element)s."),
    "no_manifest": _("The package lacks its manifest %(name)s."),
    "schema": _("The manifest names a schema other than Common Cartridge: %(text)s"),
    "zip_damaged": _("The ZIP file is damaged."),
    "file_size": _("The file is too large: %(size)s."),
    "no_member": _("The file %(name)s is not in the package."),
    "compression": _(
        "The file %(name)s is compressed in a way that is not supported (method %(method)s)."
    ),
    "member_damaged": _("The file %(name)s in the package is damaged."),
    "member_size": _("The file %(name)s in the package is too large."),
    "package_size": _("Unpacked, the package is too large: reading ended at the file %(name)s."),
    # markup
    "doctype": _("It holds a document type or an entity; these are not read."),
    "xml": _("The XML is damaged in line %(line)s."),
    "html": _("The HTML cannot be read."),
    "element": _("The element %(element)s is not supported."),
    "attribute": _("The attribute %(name)s is not supported."),
    "missing_element": _("The element %(element)s is missing."),
    "list": _("In the list %(element)s stands something that is not an item of it."),
    "joined_cells": _("A table with joined cells is not supported."),
    "cell_paragraphs": _("A table with several paragraphs in a cell is not supported."),
    "linked_file": _("A link to the file %(name)s is not supported."),
    # pictures
    "picture_missing": _("The picture is not in the file: %(name)s"),
    "picture_size": _("The picture %(name)s is too large: %(size)s."),
    "picture_kept_size": _("Even made smaller, the picture %(name)s is too large: %(size)s."),
    "picture_svg": _("The picture %(name)s is an SVG file, which is not supported."),
    "picture_moves": _("The picture %(name)s moves, which is not supported."),
    "picture_damaged": _("The picture %(name)s is damaged."),
    "no_picture": _("The file %(name)s is not a picture."),
    "base64_size": _("A picture in base64 is too large."),
    "base64": _("A picture in base64 is damaged."),
    "picture_erased": _("A picture in it was erased on this node."),
    # questions of any format
    "invalid": _("Something is wrong in it."),
    "other_language": _("It does not agree with the same question in another language."),
    "number": _("This is not a number: %(text)s"),
    "number_range": _("This number is too large or has too many decimal places: %(text)s"),
    "no_points_option": _("No option earns points."),
    "no_points_text": _("No text earns points."),
    "no_points_number": _("No number earns points."),
    "part_point": _("The points do not come to a whole number; a rubric gives whole points only."),
    # GIFT and Moodle
    "no_answers": _("It has no answers in braces."),
    "several_answers": _("It has answers in more than one pair of braces."),
    "answers": _("The answers cannot be read: %(text)s"),
    "question_type": _("Questions of the type %(name)s are not supported."),
    "true_false": _("A true-false question must have both answers."),
    "feedback_any": _("Feedback to any number is not supported."),
    "unit_factor": _("A unit with the multiplier %(text)s cannot be converted exactly."),
    "order_grading": _("This way of grading an order is not supported: %(name)s"),
    "essay_files": _("An essay with files beside it is not supported."),
    "share": _("A share of the points must be from −100 to 100 percent: %(text)s"),
    "private_character": _("The text holds a character that Unicode keeps for private use."),
    "no_gap": _("The text has no gap."),
    "open_gap": _("A gap in the text does not end."),
    "gap_type": _("Gaps of the type %(name)s are not supported."),
    # Common Cartridge
    "profile": _("Questions of the profile %(name)s are not supported."),
    "options_twice": _("An option occurs twice, or there is none."),
    # items of QTI
    "adaptive": _("Adaptive questions are not supported."),
    "no_interaction": _("There is nothing in it to answer."),
    "several_interactions": _(
        "It has several places to answer, which is supported only for gaps in a text."
    ),
    "response": _("The response %(name)s is not declared, or is used twice."),
    "text_after": _("Text after the place to answer is not supported."),
    "points_sum": _("The points of its parts do not add up to those of the whole."),
    "point_places": _("The points of a part have more than six decimal places."),
    "rubric_view": _("A rubric for this audience is not supported: %(name)s"),
    "several_rubrics": _("It has several rubrics for markers; only one is supported."),
    "feedback_never": _("It has feedback that is never shown."),
    "feedback_option": _("It has feedback in an option that is not about that option."),
    "feedback_target": _("Feedback in what an option belongs with is not supported."),
    "feedback_when": _("The condition on which the feedback %(name)s is shown is not supported."),
    "identifier_twice": _("An identifier occurs twice."),
    "other_system": _("Another system asks this question; it is not in the file itself."),
    "whole_test": _(
        "Of a test only the questions are read, not its order, sections, instructions and limits."
    ),
    "no_answer_earns": _("No answer earns points, or an empty answer does."),
    "choice_points": _("Choosing these options does not earn the points declared: %(name)s"),
    "some_order": _("The right order does not hold all the options."),
    "part_order": _("Part of the points for part of an order is not supported."),
    "two_sets": _("The element %(element)s does not hold two sets."),
    "matched_twice": _("An option that is matched more than once is not supported."),
    "matched_nothing": _("An option that belongs with nothing is not supported here."),
    "right_pairs": _("The right pairs are not declared properly."),
    "wrong_pair": _("A wrong pair earns points, or the right ones do not."),
    "part_pairs": _("The points for some of the pairs do not add up to those for all."),
    "text_earns": _("No foreseen text earns points, or any text does."),
    "tolerance": _("The tolerance of the number %(text)s could not be taken over."),
    "uneven_tolerance": _("A tolerance that is not the same on both sides is not supported."),
    "rules_marked": _("Answers to %(element)s are marked by people; rules for them are not read."),
    # response processing
    "no_mapping": _("The response %(name)s has no mapping to points."),
    "no_response": _("The scoring uses a response that is not declared: %(name)s"),
    "rule": _("The scoring uses %(element)s, which is not supported."),
    "steps": _("The scoring takes too many steps."),
    "template": _("The scoring template %(name)s is not supported."),
    "one_expression": _("In the scoring, %(element)s must hold exactly one expression."),
    "no_tolerance": _("In the scoring, %(element)s does not say its tolerance."),
    # what QTI cannot say
    "say_units": _("QTI cannot express the units of a number."),
    "say_part_order": _("QTI cannot express part of the points for part of an order."),
    "say_nothing_pair": _("QTI cannot express points for an option that belongs with nothing."),
    "say_wildcard": _("QTI cannot express a text with a wildcard."),
    "say_answer_feedback": _("QTI cannot express feedback to one foreseen answer."),
    "say_picture": _("The picture %(name)s is not here."),
}
_COUNTED: Mapping[str, Promise] = {
    "members": ngettext_lazy(
        "The package holds more than %(number)s file.",
        "The package holds more than %(number)s files.",
        "count",
    ),
    "outline_depth": ngettext_lazy(
        "The outline is more than %(number)s level deep.",
        "The outline is more than %(number)s levels deep.",
        "count",
    ),
    "tags": ngettext_lazy(
        "The text has more than %(number)s tag.",
        "The text has more than %(number)s tags.",
        "count",
    ),
    "depth": ngettext_lazy(
        "Elements are nested more than %(number)s level deep.",
        "Elements are nested more than %(number)s levels deep.",
        "count",
    ),
    "html_size": ngettext_lazy(
        "The HTML has more than %(number)s character.",
        "The HTML has more than %(number)s characters.",
        "count",
    ),
    "text_size": ngettext_lazy(
        "The text has more than %(number)s character.",
        "The text has more than %(number)s characters.",
        "count",
    ),
    "questions": ngettext_lazy(
        "There is more than %(number)s question in the file.",
        "There are more than %(number)s questions in the file.",
        "count",
    ),
    "pictures": ngettext_lazy(
        "No more than %(number)s picture of this file can be taken in.",
        "No more than %(number)s pictures of this file can be taken in.",
        "count",
    ),
    "question_pictures": ngettext_lazy(
        "The question shows more than %(number)s picture.",
        "The question shows more than %(number)s pictures.",
        "count",
    ),
    "bank_pictures": ngettext_lazy(
        "A question bank holds at most %(number)s picture.",
        "A question bank holds at most %(number)s pictures.",
        "count",
    ),
    "choice_limit": ngettext_lazy(
        "No more than %(number)s option may be chosen; such a limit is not supported.",
        "No more than %(number)s options may be chosen; such a limit is not supported.",
        "count",
    ),
}
SENTENCES: Mapping[str, str | Promise] = {**_ONE_SENTENCE, **_COUNTED}
# Of files that were read before codes said what it is; the detail is in English.
OLD_SENTENCES: Mapping[str, str | Promise] = {
    "unreadable": _("It cannot be read: %(detail)s"),
    "too_large": _("It is more than there may be: %(detail)s"),
    "unsupported": _("It uses something that is not supported: %(detail)s"),
    "scoring": _("How answers earn points could not be taken over: %(detail)s"),
    "invalid": _("Something is wrong in it: %(detail)s"),
    "other_language": SENTENCES["other_language"],
}
