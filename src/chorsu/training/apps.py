from django.apps import AppConfig


class Config(AppConfig):
    name = "chorsu.training"
    label = "training"
    default_auto_field = "django.db.models.BigAutoField"
