from django.apps import AppConfig


class SlaConfig(AppConfig):
    name = "opora.sla"
    label = "sla"
