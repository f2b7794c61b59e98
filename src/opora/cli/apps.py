from django.apps import AppConfig


class CliConfig(AppConfig):
    name = "opora.cli"
    label = "cli"
