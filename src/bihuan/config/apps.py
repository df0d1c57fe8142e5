from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "bihuan.config"
    label = "config"
