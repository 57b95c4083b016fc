"""Cartridges as other learning systems export them, with something of everything."""

from __future__ import annotations

import io
from collections.abc import Mapping
from html import escape

from PIL import Image

from tests.training.formats.packing import pack

CC = "http://www.imsglobal.org/xsd/imsccv1p3/imscp_v1p1"
LOM = "http://ltsc.ieee.org/xsd/imsccv1p3/LOM/manifest"
QTI = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
TEST = "imsqti_xmlv1p2/imscc_xmlv1p3/assessment"
BANK = "imsqti_xmlv1p2/imscc_xmlv1p3/question-bank"


def picture(colour: str = "navy") -> bytes:
    """A small PNG."""
    target = io.BytesIO()
    Image.new("RGB", (8, 6), colour).save(target, "PNG")
    return target.getvalue()


def item(ident: str, title: str, *inside: str, resource: str = "") -> str:
    """A line of the outline."""
    named = f' identifierref="{resource}"' if resource else ""
    return f'<item identifier="{ident}"{named}><title>{title}</title>{"".join(inside)}</item>'


def resource(ident: str, kind: str, *files: str, href: str = "") -> str:
    """A resource with its files, the first its address if there is no other."""
    address = f' href="{href or files[0]}"' if kind == "webcontent" else ""
    held = "".join(f'<file href="{one}"/>' for one in files)
    return f'<resource identifier="{ident}" type="{kind}"{address}>{held}</resource>'


def manifest(items: str, resources: str, title: str = "The village", about: str = "") -> bytes:
    """A manifest of Common Cartridge 1.3."""
    said = f"<l:description><l:string>{escape(about)}</l:string></l:description>" if about else ""
    return (
        f'<manifest identifier="m" xmlns="{CC}" xmlns:l="{LOM}"><metadata>'
        "<schema>IMS Common Cartridge</schema><schemaversion>1.3.0</schemaversion>"
        f'<l:lom><l:general><l:title><l:string language="en">{title}</l:string></l:title>{said}'
        '</l:general></l:lom></metadata><organizations><organization identifier="o" '
        f'structure="rooted-hierarchy"><item identifier="root">{items}</item></organization>'
        f"</organizations><resources>{resources}</resources></manifest>"
    ).encode()


def question(ident: str, right: str, wrong: str, profile: str = "cc.multiple_choice.v0p1") -> str:
    """A question with two options."""
    labels = "".join(
        f'<response_label ident="{key}"><material><mattext texttype="text/plain">{text}</mattext>'
        "</material></response_label>"
        for key, text in (("R", right), ("W", wrong))
    )
    return (
        f'<item ident="{ident}" title="{ident}"><itemmetadata><qtimetadata><qtimetadatafield>'
        f"<fieldlabel>cc_profile</fieldlabel><fieldentry>{profile}</fieldentry>"
        "</qtimetadatafield></qtimetadata></itemmetadata><presentation><material><mattext "
        f'texttype="text/plain">Which is {right}?</mattext></material><response_lid ident="r" '
        f'rcardinality="Single"><render_choice>{labels}</render_choice></response_lid>'
        "</presentation><resprocessing><outcomes><decvar varname='SCORE' vartype='Decimal'/>"
        '</outcomes><respcondition continue="No"><conditionvar><varequal respident="r">R'
        '</varequal></conditionvar><setvar action="Set" varname="SCORE">100</setvar>'
        "</respcondition></resprocessing></item>"
    )


def assessment(
    *questions: str, title: str = "Do you know?", minutes: int = 0, attempts: int = 0
) -> bytes:
    """A test of these questions."""
    fields = "".join(
        f"<qtimetadatafield><fieldlabel>{name}</fieldlabel><fieldentry>{value}</fieldentry>"
        "</qtimetadatafield>"
        for name, value in (("qmd_timelimit", minutes), ("cc_maxattempts", attempts))
        if value
    )
    return (
        f'<questestinterop xmlns="{QTI}"><assessment ident="a" title="{title}">'
        f"<qtimetadata>{fields}</qtimetadata><section ident='s'>{''.join(questions)}</section>"
        "</assessment></questestinterop>"
    ).encode()


def bank(*questions: str) -> bytes:
    """A question bank."""
    inner = f'<objectbank ident="b">{"".join(questions)}</objectbank>'
    return f'<questestinterop xmlns="{QTI}">{inner}</questestinterop>'.encode()


PAGE = b"""<!DOCTYPE html><html><head><title>Why</title><style>p{color:red}</style></head><body>
<h2>Why one window</h2><p>People <strong>waited</strong>. See
<a href="other.html">the other page</a> and <a href="https://example.org/law">the law</a>.</p>
<figure><img src="$IMS-CC-FILEBASE$/queue%20today.png" alt="A queue"><figcaption>Monday</figcaption>
</figure><table><tr><th>Day</th><th>People</th></tr><tr><td>Monday</td><td>40</td></tr></table>
<iframe src="https://video.example.org/1" title="A film"></iframe></body></html>"""


def members() -> Mapping[str, bytes]:
    """Two modules, and every kind of resource."""
    items = (
        item(
            "m1", "Why",
            item("i1", "Why one window", resource="page"),
            item("i2", "Further",
                 item("i3", "The law", resource="link"), item("i4", "What do you think?",
                                                              resource="talk")),
        ),
        item(
            "m2", "How",
            item("i5", "Try it", resource="tool"),
            item("i6", "Do you know?", resource="test"),
            item("i7", "Plan a window", resource="task"),
            item("i8", "The rules", resource="rules"),
            item("i9", "Lost", resource="lost"),
            item("i10", "A map", resource="map"),
        ),
    )  # fmt: skip
    resources = (
        resource("page", "webcontent", "wiki/why.html"),
        resource("queue", "webcontent", "web_resources/queue today.png"),
        resource("link", "imswl_xmlv1p3", "link.xml"),
        resource("talk", "imsdt_xmlv1p3", "talk.xml"),
        resource("tool", "imsbasiclti_xmlv1p3", "tool.xml"),
        resource("test", TEST, "test.xml"),
        resource("bank", BANK, "bank.xml"),
        resource("task", "assignment_xmlv1p0", "task.xml"),
        resource("rules", "webcontent", "rules.pdf"),
        resource("map", "webcontent", "map.png"),
        resource("old", "webcontent", "wiki/old.html"),
        resource("apip", "imsapip_zipv1p0", "apip.zip"),
    )
    return {
        "imsmanifest.xml": manifest(
            "".join(items), "".join(resources), about="<p>How a village <b>answers</b>.</p>"
        ),
        "wiki/why.html": PAGE,
        "wiki/old.html": b"<p>Nobody reads this.</p>",
        "web_resources/queue today.png": picture(),
        "map.png": picture("green"),
        "link.xml": b'<webLink><title>Law</title><url href="https://example.org/law"/></webLink>',
        "talk.xml": b'<topic><title>Talk</title><text texttype="text/html">&lt;p&gt;Say &lt;em&gt;'
        b"why&lt;/em&gt;.&lt;/p&gt;</text></topic>",
        "tool.xml": b'<cartridge_basiclti_link xmlns:blti="b" xmlns:lticm="c"><blti:title>Sim'
        b"</blti:title><blti:description>A queue.</blti:description><blti:custom><lticm:property "
        b'name="level">2</lticm:property></blti:custom><blti:secure_launch_url>'
        b"https://sim.example.org/launch</blti:secure_launch_url></cartridge_basiclti_link>",
        "test.xml": assessment(
            question("q1", "right", "wrong"), question("q2", "yes", "no"),
            question("q3", "a", "b", profile="cc.unheard_of.v0p1"), minutes=20, attempts=2,
        ),
        "bank.xml": bank(question("q4", "one", "two")),
        "task.xml": b'<assignment><title>Plan</title><text texttype="text/html">&lt;p&gt;Write it.'
        b'&lt;/p&gt;</text><gradable points_possible="10">true</gradable><submission_formats>'
        b'<format type="file"/><format type="html"/></submission_formats></assignment>',
        "rules.pdf": b"%PDF-1.4\n%%EOF\n",
        "apip.zip": b"PK",
    }  # fmt: skip


def village() -> bytes:
    """The package of all that."""
    return pack(members())
