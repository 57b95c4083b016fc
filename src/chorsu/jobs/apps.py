from django.apps import AppConfig


class Config(AppConfig):
    name = "chorsu.jobs"
    label = "jobs"
