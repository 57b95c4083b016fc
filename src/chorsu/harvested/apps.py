from django.apps import AppConfig


class Config(AppConfig):
    name = "chorsu.harvested"
    label = "harvested"
    default_auto_field = "django.db.models.BigAutoField"
