from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    name = "opora.knowledge"
    label = "knowledge"
