"""Addresses of the customers' pages."""

from __future__ import annotations

from django.urls import path

from opora.portal.views import (
    activation,
    cases,
    contract_sharing,
    contracts,
    coverage,
    drafts,
    files,
    guidance,
    handover,
    help,
    home,
    invitations,
    mails,
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
    path("requests/new/<str:draft_id>/suggestions/", help.suggestions, name="suggestions"),
    path("requests/new/<str:draft_id>/solved/", help.solved, name="solved"),
    path("requests/new/<str:draft_id>/diagnosis/", help.carry_over, name="carry_over"),
    path("requests/new/<str:draft_id>/submitted/", cases.submitted, name="submitted"),
    path("requests/handover/<str:token>/", handover.handover, name="handover"),
    path("requests/<str:number>/", cases.case, name="case"),
    path("requests/<str:number>/messages/", cases.messages, name="case_messages"),
    path("requests/<str:number>/history/", cases.history, name="case_history"),
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
    path("help/contacts/", guidance.contacts, name="contacts"),
    path("settings/mails/", mails.mails, name="mails"),
    path("help/", help.index, name="help"),
    path("help/diagnoses/<slug:slug>/", help.diagnosis, name="diagnosis"),
    path("help/articles/<slug:slug>/", help.article, name="article"),
    path("help/articles/<slug:slug>/feedback/", help.feedback, name="article_feedback"),
]
