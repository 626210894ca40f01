"""Who may do what with people, places and money, written out: widening it must meet this test."""

import re

import pytest

from infra.local.home import ROOT
from kit.auth import EVERYBODY
from kit.rpc import Allowed
from services.directory import api as directory
from services.directory.api import second_factor
from services.insights import api as insights
from services.insights.api import imports, keeping, kpi, open_data, query, shops
from services.insights.api import letters as insight_letters
from services.itinerary import api as itinerary
from services.itinerary.api import kept_pois, sojourns, spots, timetables
from services.multilingual import api as guide
from services.multilingual.api import (
    asked,
    day_notes,
    exchange,
    feedback,
    helping,
    photos,
    recordings,
    reviews,
    signs,
    tour,
    videos,
    writing,
)
from services.payments import api as payments
from services.payments.api import displays, office, register, split_sales, tickets
from services.visitor_sense import api as visitor_sense

STAFF = "accountant admin analyst clerk editor reviewer shop_owner"
EXPECTED = {
    "directory": {
        "ListAreas": "admin service", "ConfigureArea": "admin", "DropArea": "admin",
        "RecordPlaces": "admin", "AddStopPlace": "admin editor", "RenameStopPlace": "admin editor",
        "AddPoiPlaces": "admin editor",
        "PinPlace": "admin editor",
        "ChangeAreaLocales": "admin reviewer",
        "ClosePlace": "admin editor", "ReopenPlace": "admin editor",
        "CreateUser": "admin", "ChangeUser": "admin", "ListUsers": "admin",
        "ListColleagues": "admin editor", "SignIn": "service",
        "ReadSession": "service", "SignOut": "service", "EnrollDevice": "admin",
        "ReadDevice": "admin service", "ListDevices": "admin", "RevokeDevice": "admin",
        **dict.fromkeys((
            "ChangeOwnPassword", "ListOwnSessions", "EndOtherSessions", "EndOwnSessions"), STAFF),
        "NoteSessionUse": "service",
    },
    "second_factor": {
        "FinishSignIn": "service",
        **dict.fromkeys(
            ("GetSecondFactor", "BeginSecondFactor", "ConfirmSecondFactor", "RenewRecoveryCodes",
             "EndSecondFactor"), STAFF,
        ),
        **dict.fromkeys(
            ("ResetSecondFactor", "GetSecondFactorRule", "SetSecondFactorRule"), "admin"
        ),
    },
    "payments": {
        "ConfigureShops": "admin",
        "ListShops": "accountant admin analyst clerk device service shop_owner",
        "TakePayment": "admin clerk device shop_owner",
        "TakePayments": "admin clerk device shop_owner",
        "CapturePayment": "admin clerk device shop_owner",
        "VoidPayment": "admin clerk device shop_owner",
        "RefundPayment": "admin clerk device shop_owner",
        "FindRequest": "admin clerk device shop_owner",
        "GetPayment": "accountant admin clerk device shop_owner",
        "ListPayments": "accountant admin clerk device shop_owner",
        "ReadReceipt": "accountant admin clerk device shop_owner",
        "ReadTotals": "accountant admin clerk device service shop_owner",
        "RecordAcquirerContract": "admin",
        "ListAcquirerContracts": "accountant admin",
        "ReceiveWebhook": "service",
        "ProveLedger": "accountant admin service",
        "ReadReturnInvoice": "accountant admin clerk device shop_owner",
        "RecordTaxFreeSale": "admin clerk device shop_owner",
        "SettleTaxFreeSale": "admin clerk device shop_owner",
        "RefundTaxFreeSale": "admin clerk device shop_owner",
        "ListTaxFreeSales": "accountant admin clerk device shop_owner",
        "MakeMerchantCode": "admin clerk device shop_owner",
    },
    "office": {
        "ReadDay": "accountant admin shop_owner",
        "CloseDay": "accountant admin shop_owner",
        "ListCloses": "accountant admin shop_owner",
        "ReadClose": "accountant admin shop_owner",
        "ReconcileFile": "accountant admin shop_owner",
        "ListReconciliations": "accountant admin shop_owner",
        "ListFindings": "accountant admin shop_owner",
        "SettleFinding": "accountant admin shop_owner",
        "ListUnconfirmedSales": "accountant admin shop_owner",
        "ReadSettlement": "accountant admin shop_owner",
        "ExportJournal": "accountant admin shop_owner",
        "VerifyAudit": "accountant admin service",
        "ReadLegalFigures": "accountant admin",
        "SetUpShop": "admin shop_owner",
        "ReplaceProducts": "admin shop_owner",
        "ListProducts": "accountant admin clerk device shop_owner",
        "PutClerk": "admin shop_owner",
        "ListClerks": "admin clerk device shop_owner",
        "CheckClerk": "admin clerk device shop_owner",
    },
    "tickets": {
        "ConfigurePriceClasses": "admin", "RotateTicketKey": "admin",
        "ListPriceClasses": "accountant admin clerk device service shop_owner",
        "ListTicketKeys": "accountant admin clerk device service shop_owner",
        "SellTicket": "admin clerk device shop_owner",
        "QuoteTicket": "admin clerk device shop_owner",
        "GetTicket": "accountant admin clerk device shop_owner",
        "AdmitTicket": "admin clerk device",
        "RecordAdmissions": "admin clerk device",
        "RecordOrigin": "admin clerk device",
        "ListAdmissionProblems": "accountant admin clerk device shop_owner",
        "SettleAdmissionProblem": "admin clerk device",
        "ListUnusedTickets": "accountant admin clerk device shop_owner",
        "CountUnusedTickets": "admin editor",
        "RefundTickets": "admin clerk device shop_owner",
        "PrintTickets": "admin clerk device",
        "ListTicketBatches": "accountant admin clerk device shop_owner",
        "EnterPrintedTickets": "admin clerk device",
        "WithdrawPrintedTickets": "admin clerk device",
    },
    "register": {
        "MakeNoticeAddress": "admin shop_owner",
        "ListNoticeAddresses": "accountant admin shop_owner",
        "TurnNoticeSecret": "admin shop_owner",
        "SwitchNoticeAddress": "admin shop_owner",
        "TestNoticeAddress": "admin shop_owner",
        "RemoveNoticeAddress": "admin shop_owner",
        "ListNotices": "accountant admin shop_owner",
        "ReplayNotices": "admin shop_owner",
        "TakeRegisterJournal": "admin shop_owner",
        "ListRegisterImports": "accountant admin shop_owner",
        "UndoRegisterImport": "admin shop_owner",
    },
    "split_sales": {
        "OpenSplitSale": "admin clerk device shop_owner",
        "GetSplitSale": "accountant admin clerk device shop_owner",
        "ListUnfinishedSplitSales": "accountant admin clerk device shop_owner",
        "GiveBackSplitSale": "admin clerk device shop_owner",
    },
    "itinerary": {"ImportPois": "admin editor", "PreviewClosure": "admin editor"},
    "sojourns": {},
    "spots": {
        "ListSpots": "admin editor", "SaveSpotSettings": "admin editor",
        "UndoSpotSettings": "admin editor",
    },
    "kept_pois": {
        "ListKeptPois": "admin editor", "GetPoi": "admin editor", "SavePoi": "admin editor",
        "RetirePoi": "admin editor", "AddDrafts": "admin editor",
        "PreviewOpening": "admin editor", "ReadSights": "admin editor",
    },
    "timetables": {
        "SaveLine": "admin editor", "ConfirmRuns": "admin editor", "ImportFeed": "admin editor",
        "PreviewTimetable": "admin editor", "SetLiveAddresses": "admin editor",
        "GetLiveAddresses": "admin editor", "DeleteTimetable": "admin editor",
        "SaveWays": "admin editor",
    },
    "insights": {
        "ReadToday": "accountant admin analyst", "ReadDay": "accountant admin analyst",
        "ReadRange": "accountant admin analyst", "ReadAgreement": "accountant admin analyst",
        "ReadFeedback": "accountant admin analyst editor reviewer",
        "ListUnlikedTexts": "accountant admin analyst editor reviewer",
    },
    "keeping": {
        "SaveKeeping": "admin",
    },
    "open_data": {
        "ReadOpenDataSettings": "accountant admin analyst",
        "SaveOpenDataSettings": "accountant admin analyst",
    },
    "query": dict.fromkeys(("Ask", "AskMany", "Relate"), "accountant admin analyst"),
    "imports": dict.fromkeys(
        ("StartImport", "ReadImportDraft", "KeepImport", "DropImportDraft", "ListImports",
         "UndoImport", "ReadWeather", "ReadMonths"), "accountant admin analyst",
    ),
    "shops": {
        "ReadShopConsents": "admin shop_owner",
        "SaveShopConsent": "shop_owner",
        "ReadShopMonth": "admin shop_owner",
    },
    "insight_letters": dict.fromkeys(
        ("ReadLetter", "ListLetters", "WriteLetter", "DecideProposal", "ReadLetterMail",
         "SaveLetterMail", "SendTestLetter"), "accountant admin analyst",
    ),
    "kpi": dict.fromkeys(
        ("ReadKpiBook", "SaveKpi", "EnterKpiValue", "SaveKpiFrame", "FreezeKpiEdition",
         "ReadKpiEdition", "ReadKpiEntries"), "accountant admin analyst",
    ),
    "visitor_sense": {
        "ConfigureZones": "admin", "EnrollSensor": "admin", "RevokeSensor": "admin",
        "PauseSite": "admin", "ResumeSite": "admin", "ListSensors": "admin analyst service",
        "CountDevices": "admin analyst service", "CountAdmitted": "admin analyst service",
        "CalibrateZone": "admin", "SetNoise": "admin",
        "AddOptOut": "admin",
        "EnrollMeraki": "admin", "EnrollGadget": "admin",
        "NoteCountedHours": "admin",
        "RemoveOptOut": "admin",
        "ListOptOuts": "admin",
    },
    "guide": {
        "ListTranslationStates": "admin editor reviewer", "ReadNarration": "admin editor reviewer",
        "SaveDraft": "admin editor reviewer", "PublishNarration": "admin editor reviewer",
        "ListRevisions": "admin editor reviewer", "ImportStops": "admin",
    },
    "feedback": {
        "ListQuestions": "admin editor reviewer", "WriteQuestion": "admin editor reviewer",
        "AskAnew": "admin editor reviewer", "ArrangeQuestions": "admin editor reviewer",
    },
    "photos": {
        "ListPhotos": "admin editor reviewer", "AddPhoto": "admin editor reviewer",
        "EditPhoto": "admin editor reviewer", "MovePhotoFirst": "admin editor reviewer",
        "RemovePhoto": "admin editor reviewer", "BringBackPhoto": "admin editor reviewer",
        "MovePhoto": "admin editor reviewer", "ListWaitingPhotos": "admin editor reviewer",
        "ShowPhoto": "admin editor reviewer", "ErasePhoto": "admin editor reviewer",
    },
    "videos": {
        "ListVideos": "admin editor reviewer", "PutVideoPiece": "admin editor reviewer",
        "AddVideo": "admin editor reviewer", "EditVideo": "admin editor reviewer",
        "ShowVideo": "admin editor reviewer", "RemoveVideo": "admin editor reviewer",
        "BringBackVideo": "admin editor reviewer", "EraseVideo": "admin editor reviewer",
    },
    "recordings": {
        "ListSpokenTexts": "admin editor reviewer", "PutRecording": "admin editor reviewer",
        "RemoveRecording": "admin editor reviewer", "RestoreRecording": "admin editor reviewer",
        "ListVoices": "admin editor reviewer", "EraseRecordings": "admin editor reviewer",
    },
    "signs": {
        "ListSigns": "admin editor reviewer", "PrintSigns": "admin editor reviewer",
        "ReadSignSheets": "admin editor reviewer", "MarkSigns": "admin editor reviewer",
    },
    "tour": {
        "ReadTour": "admin editor reviewer", "AddStop": "admin editor", "MoveStop": "admin editor",
        "PlaceStop": "admin editor", "PreviewRetirement": "admin editor reviewer",
        "RetireStop": "admin editor", "BringBackStop": "admin editor",
    },
    "helping": {
        "SetHelpDesk": "admin editor", "ListHelpRequests": "admin editor",
        "ReadHelpRequest": "admin editor", "ChangeHelpRequest": "admin editor",
        "ListHelpTemplates": "admin editor", "WriteHelpTemplate": "admin editor",
    },
    "day_notes": {
        "ListDayNotes": "admin editor reviewer", "WriteDayNote": "admin editor reviewer",
        "WithdrawDayNote": "admin editor reviewer",
    },
    "asked": {
        "ListAskedMarks": "admin editor reviewer", "ListAsked": "admin editor reviewer",
        "MarkAsked": "admin editor reviewer", "TakeBackAskedMark": "admin editor reviewer",
        "RecordStrayCodes": "service",
    },
    "exchange": {
        "ExportTexts": "admin editor reviewer", "ImportTexts": "admin editor reviewer",
    },
    "writing": {"ReadWritingAids": "admin editor reviewer"},
    "reviews": {
        "ListReviewPolicies": "admin editor reviewer", "SetReviewPolicy": "admin",
        "HandInDraft": "admin editor reviewer", "DecideSubmission": "admin reviewer",
        "OfferReviewLink": "admin editor reviewer", "RevokeReviewLink": "admin editor reviewer",
        "ReadReview": "admin editor reviewer", "ListDrafts": "admin editor reviewer",
        "NoteOpened": "admin editor reviewer", "PublishTexts": "admin editor reviewer",
        "PlanPublication": "admin editor reviewer", "CancelPlan": "admin editor reviewer",
    },
    "displays": {
        "OfferDisplay": "admin clerk shop_owner",
        "ListDisplays": "admin clerk shop_owner",
        "RemoveDisplay": "admin clerk shop_owner",
    },
}  # fmt: skip
OPEN = {"ReadArea", "ListPlaces", "ListClosures"}
# Whoever holds the secret of a receipt, or the code or secret of a screen at a counter.
# An id opens one plan, and who has it may change it: it is a link shared among friends.
OPEN |= {
    "ListPois", "PlanItinerary", "GetItinerary", "RepairItinerary", "ChangeItinerary",
    "UndoItinerary", "ProposeDays", "ReportLateness", "PlanSojourn", "GetSojourn",
}  # fmt: skip
OPEN |= {"ListTimetables", "GetLine", "GetWays"}  # who of the staff asked whom is left out
OPEN |= {
    "ListZones", "PrintSign", "ReadDays", "ReadForecast", "ReadGadgetHours",
    "ReadOccupancy", "ReadVisitors",
}  # fmt: skip
OPEN |= {"ReadMerakiValidator", "ReceiveMeraki"}  # the secret inside decides
OPEN |= {"RecordObservations"}  # a sensor signs what it says
OPEN |= {"ReadKeeping"}  # for how long what is kept
OPEN |= {"ReadOpenData"}  # what staff chose to publish, and nothing else
OPEN |= {"ReadStop", "ListStops", "ListStopContents", "ListStopChanges", "RecordScans"}
OPEN |= {"ReadLinkedText", "DecideLinkedText"}  # a link's secret opens one text
OPEN |= {"RenderQrLabel", "ReadMedia", "RecordRatings", "RecordReplies", "ReadSurvey"}
OPEN |= {"RecordHelpRequests", "ReadHelpAnswer", "ReadHelpDesk"}  # a secret opens one answer
OPEN |= {"ReadLinkedReceipt", "ReadLinkedReturnInvoice", "PairDisplay", "ReadDisplay"}


TABLES: dict[str, Allowed] = {
    "directory": directory.ALLOWED,
    "second_factor": second_factor.ALLOWED,
    "payments": payments.ALLOWED,
    "office": office.ALLOWED,
    "tickets": tickets.ALLOWED,
    "register": register.ALLOWED,
    "displays": displays.ALLOWED,
    "split_sales": split_sales.ALLOWED,
    "itinerary": itinerary.ALLOWED,
    "sojourns": sojourns.ALLOWED,
    "spots": spots.ALLOWED,
    "timetables": timetables.ALLOWED,
    "kept_pois": kept_pois.ALLOWED,
    "insights": insights.ALLOWED,
    "imports": imports.ALLOWED,
    "kpi": kpi.ALLOWED,
    "query": query.ALLOWED,
    "insight_letters": insight_letters.ALLOWED,
    "keeping": keeping.ALLOWED,
    "open_data": open_data.ALLOWED,
    "shops": shops.ALLOWED,
    "visitor_sense": visitor_sense.ALLOWED,
    "guide": guide.ALLOWED,
    "feedback": feedback.ALLOWED,
    "photos": photos.ALLOWED,
    "videos": videos.ALLOWED,
    "recordings": recordings.ALLOWED,
    "signs": signs.ALLOWED,
    "tour": tour.ALLOWED,
    "exchange": exchange.ALLOWED,
    "writing": writing.ALLOWED,
    "day_notes": day_notes.ALLOWED,
    "asked": asked.ALLOWED,
    "reviews": reviews.ALLOWED,
    "helping": helping.ALLOWED,
}


@pytest.mark.parametrize("service", TABLES)
def test_roles_of_every_method_are_as_written(service: str) -> None:
    allowed = TABLES[service]
    found = {
        method: " ".join(sorted(role.value for role in roles))
        for method, roles in allowed.items()
        if roles != EVERYBODY
    }
    assert found == EXPECTED[service]
    assert set(allowed) - set(found) <= OPEN


def test_every_method_of_every_contract_is_decided() -> None:
    contracts = (ROOT / "proto").rglob("*_service.proto")
    methods = {
        name for path in contracts
        for name in re.findall(r"^  rpc (\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE)
    }  # fmt: skip
    assert methods == {name for allowed in TABLES.values() for name in allowed}
