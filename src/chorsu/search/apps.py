from django.apps import AppConfig


class Config(AppConfig):
    name = "chorsu.search"
    label = "search"
    default_auto_field = "django.db.models.BigAutoField"
