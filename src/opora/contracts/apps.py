from django.apps import AppConfig


class ContractsConfig(AppConfig):
    name = "opora.contracts"
    label = "contracts"
