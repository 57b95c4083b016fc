"""Files of questions as other systems write them; constructs as in their public examples."""

from __future__ import annotations

QTI3 = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
QTI22 = "http://www.imsglobal.org/xsd/imsqti_v2p2"
TEMPLATES = "https://purl.imsglobal.org/spec/qti/v3p0/rptemplates"


def qti3(declarations: str, body: str, rest: str = "", lang: str = "en-US") -> bytes:
    """An item of QTI 3.0."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<qti-assessment-item xmlns="{QTI3}" '
        f'identifier="one" title="One" time-dependent="false" xml:lang="{lang}">{declarations}'
        f"<qti-item-body>{body}</qti-item-body>{rest}</qti-assessment-item>"
    ).encode()


def response(cardinality: str, base_type: str, correct: str = "", mapping: str = "") -> str:
    """A declaration of RESPONSE; `correct`: values set apart by commas; `mapping`: key=value."""
    values = "".join(f"<qti-value>{one}</qti-value>" for one in correct.split(",") if one)
    entries = "".join(
        f'<qti-map-entry map-key="{key}" mapped-value="{value}"/>'
        for key, _, value in (one.partition("=") for one in mapping.split(",") if one)
    )
    return (
        f'<qti-response-declaration identifier="RESPONSE" cardinality="{cardinality}" '
        f'base-type="{base_type}">'
        + (f"<qti-correct-response>{values}</qti-correct-response>" if values else "")
        + (f'<qti-mapping default-value="0">{entries}</qti-mapping>' if entries else "")
        + "</qti-response-declaration>"
        '<qti-outcome-declaration identifier="SCORE" cardinality="single" base-type="float"/>'
    )


def template(name: str) -> str:
    """Processing by a standard template."""
    return f'<qti-response-processing template="{TEMPLATES}/{name}"/>'


def choice(maximum: int = 1, feedback: str = "") -> str:
    """A choice of three."""
    options = "".join(
        f'<qti-simple-choice identifier="{one}">Choice <em>{one}</em>{feedback.replace("@", one)}'
        "</qti-simple-choice>"
        for one in ("A", "B", "C")
    )
    return (
        f'<p>Look.</p><qti-choice-interaction response-identifier="RESPONSE" shuffle="true" '
        f'max-choices="{maximum}"><qti-prompt>Which?</qti-prompt>{options}'
        "</qti-choice-interaction>"
    )


SINGLE = qti3(response("single", "identifier", "B"), choice(), template("match_correct"))
MULTIPLE_ALL = qti3(
    response("multiple", "identifier", "A,C"), choice(0), template("match_correct.xml")
)
MULTIPLE_EACH = qti3(
    response("multiple", "identifier", "A,C", "A=1,C=1,B=-2"), choice(0), template("map_response")
)
ORDER = qti3(
    response("ordered", "identifier", "DriverC,DriverA,DriverB"),
    '<p>The first three:</p><qti-order-interaction response-identifier="RESPONSE">'
    "<qti-prompt><p>Put them in order.</p></qti-prompt>"
    + "".join(
        f'<qti-simple-choice identifier="Driver{one}">Driver {one}</qti-simple-choice>'
        for one in "ABC"
    )
    + "</qti-order-interaction>",
    template("match_correct.xml"),
)


def _associable(identifiers: str, most: int) -> str:
    rows = "".join(
        f'<qti-simple-associable-choice identifier="{one}" match-max="{most}">{one}!'
        "</qti-simple-associable-choice>"
        for one in identifiers
    )
    return f"<qti-simple-match-set>{rows}</qti-simple-match-set>"


MATCH_BODY = (
    '<qti-match-interaction response-identifier="RESPONSE" max-associations="4">'
    f"<qti-prompt>Match.</qti-prompt>{_associable('CDLP', 1)}{_associable('MRT', 4)}"
    "</qti-match-interaction>"
)
MATCH_EACH = qti3(
    response("multiple", "directedPair", "C R,D M,L M,P T", "C R=1,D M=0.5,L M=0.5,P T=1"),
    MATCH_BODY,
    template("map_response.xml"),
)
MATCH_ALL = qti3(
    response("multiple", "directedPair", "C R,D M,L M,P T"),
    MATCH_BODY,
    template("match_correct"),
)
INLINE_CHOICE = qti3(
    response("single", "identifier", "Y"),
    "<p>Find the missing word.</p><blockquote><p>Made summer by this sun of "
    '<qti-inline-choice-interaction response-identifier="RESPONSE" shuffle="false">'
    + "".join(f'<qti-inline-choice identifier="{one}">{one}</qti-inline-choice>' for one in "GLY")
    + "</qti-inline-choice-interaction>;<br/>and the clouds.</p></blockquote>",
    template("match_correct.xml"),
)
TEXT_ENTRY = qti3(
    response("single", "string", "York").replace(
        "</qti-response-declaration>",
        '<qti-mapping default-value="0"><qti-map-entry map-key="York" mapped-value="1" '
        'case-sensitive="true"/><qti-map-entry map-key="york" mapped-value="0.5"/></qti-mapping>'
        "</qti-response-declaration>",
    ),
    "<div><blockquote><p>This sun of "
    '<qti-text-entry-interaction response-identifier="RESPONSE"/>;</p></blockquote></div>',
    template("map_response"),
)
ESSAY = qti3(
    response("single", "string"),
    '<p class="stem">We read of him.</p><qti-extended-text-interaction '
    'response-identifier="RESPONSE"><qti-prompt>Write about his life.</qti-prompt>'
    "</qti-extended-text-interaction>",
)
UPLOAD = qti3(
    response("single", "file"),
    '<p>A factory.</p><qti-upload-interaction response-identifier="RESPONSE"><qti-prompt>'
    "<p>Build a table.</p></qti-prompt></qti-upload-interaction>",
)
_VARIABLE = '<qti-variable identifier="{0}"/>'
_TOLD = (
    '<qti-set-outcome-value identifier="FEEDBACK"><qti-base-value base-type="identifier">{0}'
    "</qti-base-value></qti-set-outcome-value>"
)
# Rules inside rules, feedback by them, points by a declared most: as authoring tools write it.
PROCESSED = qti3(
    response("single", "identifier", "B")
    + '<qti-outcome-declaration identifier="FEEDBACK" cardinality="single" base-type="identifier"/>'
    '<qti-outcome-declaration identifier="MAXSCORE" cardinality="single" base-type="float">'
    "<qti-default-value><qti-value>10.0</qti-value></qti-default-value></qti-outcome-declaration>",
    choice(),
    "<qti-response-processing><qti-response-condition><qti-response-if><qti-is-null>"
    + _VARIABLE.format("RESPONSE")
    + '</qti-is-null><qti-set-outcome-value identifier="SCORE"><qti-base-value base-type="float">'
    "0.0</qti-base-value></qti-set-outcome-value></qti-response-if><qti-response-else>"
    "<qti-response-condition><qti-response-if><qti-match>"
    + _VARIABLE.format("RESPONSE")
    + '<qti-correct identifier="RESPONSE"/></qti-match><qti-set-outcome-value identifier="SCORE">'
    "<qti-sum>"
    + _VARIABLE.format("SCORE")
    + _VARIABLE.format("MAXSCORE")
    + "</qti-sum></qti-set-outcome-value>"
    + _TOLD.format("correct")
    + "</qti-response-if><qti-response-else>"
    + _TOLD.format("incorrect")
    + "</qti-response-else></qti-response-condition></qti-response-else></qti-response-condition>"
    "</qti-response-processing>"
    '<qti-modal-feedback outcome-identifier="FEEDBACK" show-hide="show" identifier="correct">'
    "<qti-content-body>Yes.</qti-content-body></qti-modal-feedback>"
    '<qti-modal-feedback outcome-identifier="FEEDBACK" show-hide="show" identifier="incorrect">'
    "<qti-content-body><p>No.</p></qti-content-body></qti-modal-feedback>",
)
OPTION_FEEDBACK = qti3(
    response("single", "identifier", "B")
    + '<qti-outcome-declaration identifier="FEEDBACK" cardinality="single" '
    'base-type="identifier"/>',
    choice(
        feedback='<qti-feedback-inline outcome-identifier="FEEDBACK" identifier="@" '
        'show-hide="show">— about @</qti-feedback-inline>'
    ),
    '<qti-response-processing><qti-set-outcome-value identifier="FEEDBACK">'
    + _VARIABLE.format("RESPONSE")
    + "</qti-set-outcome-value><qti-response-condition><qti-response-if><qti-match>"
    + _VARIABLE.format("RESPONSE")
    + '<qti-correct identifier="RESPONSE"/></qti-match><qti-set-outcome-value identifier="SCORE">'
    '<qti-base-value base-type="float">1</qti-base-value></qti-set-outcome-value>'
    "</qti-response-if></qti-response-condition></qti-response-processing>",
)
# Two gaps added up, in the camel case of QTI 2.2.
QTI22_CLOZE = (
    f'<assessmentItem xmlns="{QTI22}" identifier="two" title="Two" adaptive="false" '
    'timeDependent="false" xml:lang="ru">'
    + "".join(
        f'<responseDeclaration identifier="R{place}" cardinality="single" baseType="string">'
        f"<correctResponse><value>{word}</value></correctResponse>"
        f'<mapping defaultValue="0"><mapEntry mapKey="{word}" mappedValue="{place}"/></mapping>'
        "</responseDeclaration>"
        for place, word in ((1, "лес"), (2, "поле"))
    )
    + '<outcomeDeclaration identifier="SCORE" cardinality="single" baseType="float"/><itemBody>'
    '<p>Новый <textEntryInteraction responseIdentifier="R1" expectedLength="15"/> и '
    '<textEntryInteraction responseIdentifier="R2"/>.</p></itemBody><responseProcessing>'
    '<setOutcomeValue identifier="SCORE"><sum><mapResponse identifier="R1"/>'
    '<mapResponse identifier="R2"/></sum></setOutcomeValue></responseProcessing></assessmentItem>'
).encode()
QTI22_NUMBER = (
    f'<assessmentItem xmlns="{QTI22}" identifier="pi" title="Pi" adaptive="false" '
    'timeDependent="false"><responseDeclaration identifier="RESPONSE" cardinality="single" '
    'baseType="float"><correctResponse><value>3.14</value></correctResponse></responseDeclaration>'
    '<outcomeDeclaration identifier="SCORE" cardinality="single" baseType="float"/><itemBody>'
    '<p>Pi?</p><p><textEntryInteraction responseIdentifier="RESPONSE"/></p></itemBody>'
    "<responseProcessing><responseCondition><responseIf>"
    '<equal toleranceMode="absolute" tolerance="0.01 0.01"><variable identifier="RESPONSE"/>'
    '<correct identifier="RESPONSE"/></equal><setOutcomeValue identifier="SCORE">'
    '<baseValue baseType="float">2</baseValue></setOutcomeValue></responseIf>'
    "</responseCondition></responseProcessing></assessmentItem>"
).encode()
_THREE = (
    "".join(
        f'<qti-response-declaration identifier="R{n}" cardinality="single" '
        f'base-type="identifier"><qti-correct-response><qti-value>F{n}</qti-value>'
        "</qti-correct-response></qti-response-declaration>"
        f'<qti-outcome-declaration identifier="SCORE{n}" cardinality="single" base-type="float"/>'
        for n in (1, 2, 3)
    )
    + '<qti-outcome-declaration identifier="SCORE" cardinality="single" base-type="float"/>'
    '<qti-outcome-declaration identifier="FEEDBACK" cardinality="single" base-type="identifier"/>'
)


def _set(identifier: str, expression: str) -> str:
    return f'<qti-set-outcome-value identifier="{identifier}">{expression}</qti-set-outcome-value>'


def _base(value: str, base_type: str = "float") -> str:
    return f'<qti-base-value base-type="{base_type}">{value}</qti-base-value>'


def _condition(test: str, then: str, otherwise: str = "") -> str:
    return (
        f"<qti-response-condition><qti-response-if>{test}{then}</qti-response-if>"
        + (f"<qti-response-else>{otherwise}</qti-response-else>" if otherwise else "")
        + "</qti-response-condition>"
    )


# A score of its own for each gap, added up at last; feedback in the text by the whole score.
ADDED_UP = qti3(
    _THREE,
    "<div><blockquote><p>"
    + " and ".join(
        f'<qti-inline-choice-interaction response-identifier="R{n}" shuffle="true">'
        + "".join(
            f'<qti-inline-choice identifier="{one}{n}">{one}</qti-inline-choice>' for one in "CFH"
        )
        + "</qti-inline-choice-interaction>"
        for n in (1, 2, 3)
    )
    + "</p></blockquote></div><p>"
    + "".join(
        f'<qti-feedback-inline outcome-identifier="FEEDBACK" show-hide="show" identifier="{one}">'
        f"{said}</qti-feedback-inline>"
        for one, said in (("OK", "Yes."), ("No", "No."))
    )
    + "</p>",
    "<qti-response-processing>"
    + "".join(
        _condition(
            f'<qti-match>{_VARIABLE.format(f"R{n}")}<qti-correct identifier="R{n}"/></qti-match>',
            _set(f"SCORE{n}", _base("1.0")),
            _set(f"SCORE{n}", _base("0.0")),
        )
        for n in (1, 2, 3)
    )
    + _set(
        "SCORE",
        f"<qti-sum>{''.join(_VARIABLE.format(f'SCORE{n}') for n in (1, 2, 3))}</qti-sum>",
    )
    + _condition(
        f'<qti-equal tolerance-mode="exact">{_VARIABLE.format("SCORE")}{_base("3.0")}</qti-equal>',
        _TOLD.format("OK"),
        _TOLD.format("No"),
    )
    + "</qti-response-processing>",
)
# Feedback by way of another outcome, gathered in one that holds several.
GATHERED = qti3(
    response("multiple", "directedPair", "C R,D M,L M,P T")
    + '<qti-outcome-declaration identifier="MAXSCORE" cardinality="single" base-type="float">'
    "<qti-default-value><qti-value>1.0</qti-value></qti-default-value></qti-outcome-declaration>"
    '<qti-outcome-declaration identifier="BASIC" cardinality="single" base-type="identifier">'
    "<qti-default-value><qti-value>empty</qti-value></qti-default-value></qti-outcome-declaration>"
    '<qti-outcome-declaration identifier="MODAL" cardinality="multiple" base-type="identifier"/>',
    MATCH_BODY,
    "<qti-response-processing>"
    + _condition(
        f"<qti-is-null>{_VARIABLE.format('RESPONSE')}</qti-is-null>",
        _set("BASIC", _base("empty", "identifier")),
    ).replace(
        "</qti-response-condition>",
        f"<qti-response-else-if><qti-match>{_VARIABLE.format('RESPONSE')}"
        '<qti-correct identifier="RESPONSE"/></qti-match>'
        + _set(
            "SCORE",
            f"<qti-sum>{_VARIABLE.format('SCORE')}{_VARIABLE.format('MAXSCORE')}</qti-sum>",
        )
        + _set("BASIC", _base("correct", "identifier"))
        + "</qti-response-else-if><qti-response-else>"
        + _set("BASIC", _base("incorrect", "identifier"))
        + "</qti-response-else></qti-response-condition>",
    )
    + "".join(
        _condition(
            f"<qti-and><qti-match>{_base(state, 'identifier')}{_VARIABLE.format('BASIC')}"
            "</qti-match></qti-and>",
            _set(
                "MODAL",
                f"<qti-multiple>{_VARIABLE.format('MODAL')}{_base(f'F_{state}', 'identifier')}"
                "</qti-multiple>",
            ),
        )
        for state in ("correct", "incorrect")
    )
    + "</qti-response-processing>"
    + "".join(
        f'<qti-modal-feedback identifier="F_{state}" outcome-identifier="MODAL" show-hide="show" '
        f'title="{state}!">It was {state}.</qti-modal-feedback>'
        for state in ("correct", "incorrect")
    ),
)
# "None of these" stays last where the others are shuffled.
FIXED = SINGLE.replace(b'identifier="C">Choice', b'identifier="C" fixed="true">Choice')
# One gap whose choices are shuffled, and one whose are not.
HALF_SHUFFLED = qti3(
    response("single", "identifier", "A").replace("RESPONSE", "R1").split("<qti-outcome")[0]
    + response("single", "identifier", "B").replace("RESPONSE", "R2"),
    "<p>"
    + " and ".join(
        f'<qti-inline-choice-interaction response-identifier="R{place}" shuffle="{shuffle}">'
        + "".join(
            f'<qti-inline-choice identifier="{one}">{one}</qti-inline-choice>' for one in "ABC"
        )
        + "</qti-inline-choice-interaction>"
        for place, shuffle in enumerate(("true", "false"), 1)
    )
    + "</p>",
    "<qti-response-processing>"
    + "".join(
        _condition(
            f'<qti-match><qti-variable identifier="R{place}"/><qti-correct identifier="R{place}"/>'
            "</qti-match>",
            _set("SCORE", f'<qti-sum><qti-variable identifier="SCORE"/>{_base("1")}</qti-sum>'),
            "",
        )
        for place in (1, 2)
    )
    + "</qti-response-processing>",
)
_FIVE = (
    '<qti-outcome-declaration identifier="MAXSCORE" cardinality="single" base-type="float">'
    "<qti-default-value><qti-value>5</qti-value></qti-default-value></qti-outcome-declaration>"
)
_SAID = "".join(
    f'<qti-modal-feedback outcome-identifier="@" identifier="{state}" show-hide="show">'
    f"<qti-content-body>It is {state}.</qti-content-body></qti-modal-feedback>"
    for state in ("correct", "incorrect")
)
CARTRIDGE_BASIC = qti3(
    response("single", "identifier", "B") + _FIVE,
    choice(),
    template("CC2_match_basic.xml") + _SAID.replace("@", "FEEDBACKBASIC"),
)
CARTRIDGE_MAP = qti3(
    response("single", "string", "", "Skinner box=5") + _FIVE,
    '<p>It is called</p><p><qti-text-entry-interaction response-identifier="RESPONSE"/></p>',
    template("CC2_map_response.xml") + _SAID.replace("@", "FEEDBACK"),
)
SUPPORTED = {
    "single": SINGLE,
    "fixed": FIXED,
    "half-shuffled": HALF_SHUFFLED,
    "cartridge-basic": CARTRIDGE_BASIC,
    "cartridge-map": CARTRIDGE_MAP,
    "multiple-all": MULTIPLE_ALL,
    "multiple-each": MULTIPLE_EACH,
    "order": ORDER,
    "match-each": MATCH_EACH,
    "match-all": MATCH_ALL,
    "inline-choice": INLINE_CHOICE,
    "text-entry": TEXT_ENTRY,
    "essay": ESSAY,
    "upload": UPLOAD,
    "processed": PROCESSED,
    "option-feedback": OPTION_FEEDBACK,
    "added-up": ADDED_UP,
    "gathered": GATHERED,
    "cloze-2.2": QTI22_CLOZE,
    "number-2.2": QTI22_NUMBER,
}
