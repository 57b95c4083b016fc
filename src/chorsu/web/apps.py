from django.apps import AppConfig


class Config(AppConfig):
    name = "chorsu.web"
    label = "web"

    def ready(self) -> None:
        from chorsu.web import accounts_audit  # noqa: F401 - app ready: connects receivers
