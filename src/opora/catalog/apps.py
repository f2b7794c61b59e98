from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "opora.catalog"
    label = "catalog"
