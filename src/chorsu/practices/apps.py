from django.apps import AppConfig


class Config(AppConfig):
    name = "chorsu.practices"
    label = "practices"
    default_auto_field = "django.db.models.BigAutoField"
