from django.apps import AppConfig


class Config(AppConfig):
    name = "chorsu.tools"
    label = "tools"
    default_auto_field = "django.db.models.BigAutoField"
