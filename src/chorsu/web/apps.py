from django.apps import AppConfig


class Config(AppConfig):
    name = "chorsu.web"
    label = "web"
