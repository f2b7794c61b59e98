"""Addresses of the agents' desk."""

from __future__ import annotations

from django.urls import path

from opora.desk.views import (
    articles,
    cases,
    contracts,
    deeds,
    files,
    orders,
    queue,
    refunds,
    satisfaction,
)

CASE = "cases/<str:number>/"
CONTRACT = "contracts/<str:contract_id>/"
ARTICLE = "articles/<slug:slug>/"
ORDER = "orders/<str:order_id>/"
REFUND = ORDER + "refunds/<str:refund_id>/"
EDITION = ARTICLE + "<str:language>/<str:number>/"

app_name = "desk"
urlpatterns = [
    path("", queue.queue, name="queue"),
    path("articles/", articles.shelf, name="articles"),
    path("new-article/", articles.new, name="article_new"),
    path(ARTICLE, articles.article, name="article"),
    path(ARTICLE + "<str:language>/new/", articles.new_edition, name="edition_new"),
    path(EDITION, articles.edition, name="edition"),
    path(EDITION + "review/", articles.review, name="edition_review"),
    path(EDITION + "return/", articles.return_edition, name="edition_return"),
    path(EDITION + "publication/", articles.publication, name="edition_publication"),
    path(EDITION + "withdrawal/", articles.withdrawal, name="edition_withdrawal"),
    path(CASE, cases.case, name="case"),
    path(CASE + "messages/", cases.messages, name="case_messages"),
    path(CASE + "history/", cases.history, name="case_history"),
    path(CASE + "taking/", cases.taking, name="case_taking"),
    path(CASE + "release/", cases.release, name="case_release"),
    path(CASE + "assignment/", deeds.assignment, name="case_assignment"),
    path(CASE + "proposal/", deeds.proposal, name="case_proposal"),
    path(CASE + "closing/", deeds.closing, name="case_closing"),
    path(CASE + "reopening/", deeds.reopening, name="case_reopening"),
    path(CASE + "severity/", deeds.severity, name="case_severity"),
    path(CASE + "third-party/", deeds.third_party, name="case_third_party"),
    path(CASE + "third-party/ending/", cases.third_party_done, name="case_third_party_ending"),
    path(CASE + "contacts/primary/", deeds.primary, name="case_primary"),
    path(
        CASE + "contacts/<str:contact_id>/removal/",
        deeds.contact_removal,
        name="case_contact_removal",
    ),
    path(CASE + "files/", files.upload, name="case_files"),
    path(CASE + "files/<str:file_id>/", files.download, name="case_file"),
    path("satisfaction/", satisfaction.satisfaction, name="satisfaction"),
    path("satisfaction/table/", satisfaction.table, name="satisfaction_table"),
    path("satisfaction/answers/", satisfaction.answers, name="satisfaction_answers"),
    path("contracts/", contracts.contracts, name="contracts"),
    path("contracts/ending/table/", contracts.ending_table, name="ending_contracts_table"),
    path(CONTRACT, contracts.sharing, name="contract_sharing"),
    path(
        CONTRACT + "registrations/<str:account_id>/revocation/",
        contracts.registration_revocation,
        name="registration_revocation",
    ),
    path(
        CONTRACT + "registrations/<str:account_id>/lifting/",
        contracts.registration_lifting,
        name="registration_lifting",
    ),
    path(
        CONTRACT + "invitations/<str:invitation_id>/revocation/",
        contracts.invitation_revocation,
        name="invitation_revocation",
    ),
    path(CONTRACT + "rotation/", contracts.rotation, name="rotation"),
    path(CONTRACT + "activation/", contracts.activation, name="activation"),
    path("orders/", orders.order_list, name="orders"),
    path("orders/table/", orders.table, name="orders_table"),
    path("orders/differences/", orders.differences, name="order_differences"),
    path(ORDER, orders.order, name="order"),
    path(ORDER + "looked-after/", orders.looked_after, name="order_looked_after"),
    path(ORDER + "taking-back/", orders.taking_back, name="order_taking_back"),
    path(ORDER + "confirmation/", orders.confirmation, name="order_confirmation"),
    path(ORDER + "papers/<str:paper_id>/", orders.paper, name="order_paper"),
    path(ORDER + "refund/", refunds.refund, name="refund"),
    path(REFUND + "consent/", refunds.consent, name="refund_consent"),
    path(REFUND + "withdrawal/", refunds.withdrawal, name="refund_withdrawal"),
    path(REFUND + "asking/", refunds.asking, name="refund_asking"),
    path(CASE + "files/<str:file_id>/preview/", files.preview, name="case_file_preview"),
    path(CASE + "files/<str:file_id>/picture/", files.picture, name="case_file_picture"),
]
