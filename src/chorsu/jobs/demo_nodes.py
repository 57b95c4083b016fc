"""The nodes of a demo."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DemoNode:
    """One node of the demo."""

    city: str
    institution: str
    language: str
    time_zone: str
    port: int

    @property
    def name(self) -> str:
        """The node's name."""
        return f"{self.city}.chorsu.example"

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://localhost:{self.port}"

    @property
    def home(self) -> str:
        """Its home page in its own language."""
        return f"{self.address}/{self.language.lower()}/"


NODES = (
    DemoNode("beijing", "cn-nag", "zh-Hans", "Asia/Shanghai", 8101),
    DemoNode("astana", "kz-apa", "kk", "Asia/Almaty", 8102),
    DemoNode("ashgabat", "tm-acs", "tk", "Asia/Ashgabat", 8103),
    DemoNode("bishkek", "kg-apa", "ky", "Asia/Bishkek", 8104),
    DemoNode("dushanbe", "tj-apa", "tg", "Asia/Dushanbe", 8105),
    DemoNode("tashkent", "uz-apa", "uz", "Asia/Tashkent", 8106),
    DemoNode("hub", "hub-astana", "ru", "Asia/Almaty", 8107),
)
