"""Addresses of the customers' pages."""

from __future__ import annotations

from django.urls import path

from opora.portal.views import (
    activation,
    afterwards,
    cases,
    contract_sharing,
    contracts,
    coverage,
    drafts,
    files,
    guidance,
    handover,
    home,
    invitations,
    mails,
    reading,
    sharing,
    statements,
)

CONTRACT = "contracts/<str:contract_id>/"

app_name = "portal"
urlpatterns = [
    path("", home.home, name="home"),
    path("requests/new/", drafts.new, name="new"),
    path("requests/new/due/", drafts.due, name="due"),
    path("requests/new/<str:draft_id>/", drafts.draft, name="draft"),
    path("requests/new/<str:draft_id>/fields/", drafts.fields, name="draft_fields"),
    path("requests/new/<str:draft_id>/subject/", drafts.subject, name="draft_subject"),
    path("requests/new/<str:draft_id>/files/", drafts.files, name="draft_files"),
    path("requests/new/<str:draft_id>/discarding/", drafts.discard, name="discard"),
    path("requests/new/<str:draft_id>/submitted/", cases.submitted, name="submitted"),
    path("requests/handover/<str:token>/", handover.handover, name="handover"),
    path("requests/<str:number>/", cases.case, name="case"),
    path("requests/<str:number>/messages/", cases.messages, name="case_messages"),
    path("requests/<str:number>/history/", cases.history, name="case_history"),
    path("requests/<str:number>/news/", reading.news, name="case_news"),
    path("requests/<str:number>/reading/", reading.reading, name="case_reading"),
    path("requests/<str:number>/printable/", reading.printable, name="case_printable"),
    path("requests/<str:number>/rating/", afterwards.rating, name="case_rating"),
    path("requests/<str:number>/follow-up/", afterwards.follow_up, name="case_follow_up"),
    path("requests/<str:number>/closing/", cases.closing, name="case_closing"),
    path("requests/<str:number>/reopening/", cases.reopening, name="case_reopening"),
    path("requests/<str:number>/severity/", cases.severity, name="case_severity"),
    path("requests/<str:number>/files/", files.upload, name="case_files"),
    path("requests/<str:number>/files/<str:file_id>/", files.download, name="case_file"),
    path(
        "requests/<str:number>/files/<str:file_id>/preview/",
        files.preview,
        name="case_file_preview",
    ),
    path(
        "requests/<str:number>/files/<str:file_id>/picture/",
        files.picture,
        name="case_file_picture",
    ),
    path("uploads/<str:upload_id>/", files.upload_state, name="upload"),
    path("requests/<str:number>/sharing/", sharing.sharing, name="case_sharing"),
    path("requests/<str:number>/sharing/group/", sharing.group, name="case_group"),
    path(
        "requests/<str:number>/sharing/primary/",
        sharing.primary,
        name="case_primary",
    ),
    path(
        "requests/<str:number>/sharing/<str:contact_id>/removal/",
        sharing.removal,
        name="case_contact_removal",
    ),
    path("contracts/", contracts.contracts, name="contracts"),
    path("contracts/new/", contracts.registration, name="contract_registration"),
    path("contracts/managed/", contract_sharing.managed, name="managed_contracts"),
    path("contracts/<str:contract_id>/", contracts.contract, name="contract"),
    path("contracts/<str:contract_id>/ending/", contracts.ending, name="contract_ending"),
    path(CONTRACT + "statement/", statements.statement, name="statement"),
    path(CONTRACT + "statement/table/", statements.table, name="statement_table"),
    path(
        CONTRACT + "statement/document/",
        statements.document,
        name="statement_document",
    ),
    path(CONTRACT + "sharing/", contract_sharing.sharing, name="contract_sharing"),
    path(
        CONTRACT + "sharing/<str:account_id>/revocation/",
        contract_sharing.registration_revocation,
        name="registration_revocation",
    ),
    path(
        CONTRACT + "sharing/<str:account_id>/lifting/",
        contract_sharing.registration_lifting,
        name="registration_lifting",
    ),
    path(
        CONTRACT + "invitations/<str:invitation_id>/revocation/",
        contract_sharing.invitation_revocation,
        name="invitation_revocation",
    ),
    path(CONTRACT + "rotation/", contract_sharing.rotation, name="rotation"),
    path("benefits/", activation.benefits, name="benefits"),
    path("benefits/<str:benefit_id>/activation/", activation.activation, name="activation"),
    path("invitations/", invitations.invitation, name="invitation"),
    path("invitations/<str:secret>/", invitations.opening, name="invitation_opening"),
    path("coverage/", coverage.coverage, name="coverage"),
    path("directory/", guidance.directory, name="directory"),
    path("help/", guidance.help_page, name="help"),
    path("settings/mails/", mails.mails, name="mails"),
]
