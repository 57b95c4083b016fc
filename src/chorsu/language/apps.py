from django.apps import AppConfig


class Config(AppConfig):
    name = "chorsu.language"
    label = "language"
    default_auto_field = "django.db.models.BigAutoField"
