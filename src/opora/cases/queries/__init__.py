"""Doors to drafts and cases, and what pages, API and mails read of them. Nothing here writes."""

from opora.cases.queries.at_desk import CaseAtDesk, case_at_desk
from opora.cases.queries.conversation import (
    HistoryLine,
    changes_since,
    cursor_after,
    files_of_no_message,
    history_of,
    messages_of,
)
from opora.cases.queries.doors import (
    Permissions,
    agents_for,
    attachment_for,
    attachments_of,
    can,
    case_for,
    case_page_for,
    contact_for,
    contacts_of,
    is_number,
)
from opora.cases.queries.drafts import (
    Receipt,
    draft_for,
    draft_or_new,
    drafts_of,
    receipt_of,
    upload_for,
    uploads_for,
)
from opora.cases.queries.earlier import earlier_cases_like
from opora.cases.queries.excerpts import Findings
from opora.cases.queries.home import Figures, figures_of
from opora.cases.queries.lists import (
    Order,
    View,
    cases_in_full,
    cases_of,
    queue_keys,
    queue_of,
)
from opora.cases.queries.news import News, last_activity_of, news_of
from opora.cases.queries.numbers import readable_numbers
from opora.cases.queries.opening_files import opening_files_of
from opora.cases.queries.own import SORTS, VIEWS, OwnView, Sort, requests_of
from opora.cases.queries.ratings import rating_of
from opora.cases.queries.recent import RecentVersion, recent_versions
from opora.cases.queries.rows import CaseRow
from opora.cases.queries.satisfaction import (
    Months,
    Satisfaction,
    answers_of,
    comments_of,
    satisfaction_of,
)
from opora.cases.queries.sharing import GroupOnCase, Known, group_on, known_to, people_on

__all__ = [
    "SORTS",
    "VIEWS",
    "CaseAtDesk",
    "CaseRow",
    "Figures",
    "Findings",
    "GroupOnCase",
    "HistoryLine",
    "Known",
    "Months",
    "News",
    "Order",
    "OwnView",
    "Permissions",
    "Receipt",
    "RecentVersion",
    "Satisfaction",
    "Sort",
    "View",
    "agents_for",
    "answers_of",
    "attachment_for",
    "attachments_of",
    "can",
    "case_at_desk",
    "case_for",
    "case_page_for",
    "cases_in_full",
    "cases_of",
    "changes_since",
    "comments_of",
    "contact_for",
    "contacts_of",
    "cursor_after",
    "draft_for",
    "draft_or_new",
    "drafts_of",
    "earlier_cases_like",
    "figures_of",
    "files_of_no_message",
    "group_on",
    "history_of",
    "is_number",
    "known_to",
    "last_activity_of",
    "messages_of",
    "news_of",
    "opening_files_of",
    "people_on",
    "queue_keys",
    "queue_of",
    "rating_of",
    "readable_numbers",
    "receipt_of",
    "recent_versions",
    "requests_of",
    "satisfaction_of",
    "upload_for",
    "uploads_for",
]
