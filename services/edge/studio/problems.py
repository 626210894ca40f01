"""What the guide's refusals mean to people."""

from flask_babel import lazy_gettext as _l

PROBLEMS = {
    "TOUR_FULL": _l("There are 500 stops already. Retire one first."),
    "PLACE_TAKEN": _l("This place has a stop already. Open the page again."),
    "STOP_RETIRED": _l("This stop is retired. Bring it back first."),
    "STOP_NOT_RETIRED": _l("This stop is in the guide already."),
    "LAST_STOP": _l("Visitors would have no stop left. Publish another one first."),
    "HELP_REQUEST_UNKNOWN": _l("This message is not there any longer. Open the list again."),
    "HELP_LINK_UNKNOWN": _l("There is nothing to read here, or no longer. Compare the address."),
    "HELP_DESK_FULL": _l("Very many messages wait just now. Answer some first."),
    "HELP_STEP_REFUSED": _l("This cannot be done as the message stands now. Look at it again."),
    "PLACEHOLDER_LEFT": _l("The answer still holds a word in braces. Write what belongs there."),
    "HELP_TEMPLATE_UNKNOWN": _l("There is no such template. Open the page again."),
    "STOP_CODE_MISTYPED": _l("One letter of the code is wrong. Compare it with the sign."),
    "STOP_CODE_UNKNOWN": _l("We do not know this code. Type it again as printed on the sign."),
    "REVISION_UNKNOWN": _l("This version does not exist. Open the text again."),
    "REVISION_CONFLICT": _l("Somebody else saved this text meanwhile. Open it again."),
    "READING_MISSING": _l("A name in this text has no reading yet. Add it to the term base."),
    "SOUND_REFUSED": _l(
        "This is no MP3, M4A or WAV that can be heard, or it is too large. Record it anew."
    ),
    "SOUND_TOO_LARGE": _l("A recording has at most 3 MB. Cut it shorter or save it as MP3."),
    "TEXT_CHANGED": _l("The text was published anew meanwhile. Record or speak it again."),
    "SOUNDS_BUSY": _l("Other recordings are being made just now. Try again in a moment."),
    "RECORDING_UNKNOWN": _l("This recording is not there any longer. Open the page again."),
    "SPEAKER_DID_NOT_AGREE": _l(
        "Nobody noted whether the speaker agreed. Ask, put it in again and say that they agreed."
    ),
    "RECORDING_WAS_ERASED": _l("This very sound was erased for good. Record it anew."),
    "MEDIA_UNKNOWN": _l("This recording is not there any longer. Open the page again."),
    "MEDIA_ERASED": _l("This was erased for good."),
    "PHOTO_KIND": _l("This is no JPEG, PNG or WebP. Save the photo as one of them."),
    "PHOTO_HEIC": _l(
        "This is HEIC. On the iPhone choose “Most Compatible” (Settings, Camera, Formats), or send"
        " the photo by mail to yourself: then it is JPEG."
    ),
    "PHOTO_UNREADABLE": _l("The photo is damaged or broke off on the way. Send it again."),
    "PHOTO_TOO_LARGE": _l("A photo has at most 4 MB. Make it smaller and send it again."),
    "PHOTO_TOO_MANY_PIXELS": _l("The photo has more than 50 million pixels. Make it smaller."),
    "PHOTO_TOO_SMALL": _l("The photo has fewer than 320 pixels on a side. Send a larger one."),
    "PHOTOS_FULL": _l("A stop has at most 12 photos. Take one away first."),
    "PHOTOS_BUSY": _l("Other photos are being made just now. Try again in a moment."),
    "PHOTO_WAS_ERASED": _l("This very photo was erased for good. Take another one."),
    "PHOTO_UNKNOWN": _l("This photo is not there any longer. Open the page again."),
    "PHOTO_CHANGED": _l("Somebody else changed this photo meanwhile. Look at it again."),
    "VIDEO_KIND": _l("This is no MP4. Save the video as MP4 (H.264 and AAC)."),
    "VIDEO_WEBM": _l(
        "This is WebM, which many iPhones do not play. Save the video as MP4 (H.264 and AAC)."
    ),
    "VIDEO_CODEC": _l(
        "Some phones cannot play this video. Save it as an ordinary MP4 with H.264 and AAC; on the"
        " iPhone choose “Most Compatible” (Settings, Camera, Formats) and film anew."
    ),
    "VIDEO_UNREADABLE": _l(
        "The video is damaged, broke off on the way or is made of several cuts. Export it anew as"
        " one MP4 and send it again."
    ),
    "VIDEO_TOO_LARGE": _l("A video has at most 12 MB. Cut it shorter or save it in 720p."),
    "VIDEO_TOO_LONG": _l("A video lasts half a second to a minute. Cut it shorter."),
    "VIDEO_TOO_MANY_PIXELS": _l("A side of a video has 160 to 1,920 pixels. Save it in 720p."),
    "CAPTIONS_REFUSED": _l(
        "The captions are no WebVTT file, or one of their times cannot be read. Save them as .vtt"
        " in UTF-8."
    ),
    "VIDEOS_BUSY": _l("Other videos are being made just now. Try again in a moment."),
    "VIDEOS_FULL": _l("A stop has at most 3 videos. Take one away first."),
    "VIDEO_UPLOADS_FULL": _l(
        "Four videos of yours are on their way and not put in. Finish one, or wait an hour."
    ),
    "VIDEO_UPLOAD_TAKEN": _l("Somebody else began this upload. Choose the video and send it anew."),
    "VIDEO_INCOMPLETE": _l("Not all of the video has come. Send it again."),
    "VIDEO_WAS_ERASED": _l("This very video was erased for good. Take another one."),
    "VIDEO_UNKNOWN": _l("This video is not there any longer. Open the page again."),
    "VIDEO_CHANGED": _l("Somebody else changed this video meanwhile. Look at it again."),
    "NO_PUBLIC_ADDRESS": _l("The area has no public address yet, so a label would lead nowhere."),
    "ADDRESS_NOT_PUBLIC": _l("Visitors’ phones cannot reach the area’s address."),
    "ADDRESS_NOT_SECURE": _l("The area’s address has no https: no phone would keep the guide."),
    "NOTHING_TO_PRINT": _l("None of these stops has a published name. Publish a text first."),
    "TRANSLATION_FILE_DAMAGED": _l("This file was not taken; nothing of it was kept."),
    "FILES_BUSY": _l("Other files are being read just now. Try again in a moment."),
    "FILE_TOO_LARGE": _l("The file would be too large. Choose only what is unfinished."),
    "DAY_NOTE_UNKNOWN": _l("This note is not there any longer. Open the page again."),
    "DAY_NOTES_FULL": _l("Twenty notes are shown already. Take one back first."),
    "ASKED_MATTER_UNKNOWN": _l("This is not on the list any longer. Open the page again."),
    "ASKED_MARK_UNKNOWN": _l("This is not on the list any longer. Open the page again."),
    "SECOND_READER_NEEDED": _l(
        "Not published yet: this language asks for a second reader, or for a reason."
    ),
    "OWN_TEXT": _l("You wrote this or handed it in. Ask a colleague to read it."),
    "SUBMISSION_UNKNOWN": _l("Nobody waits for this any longer. Open the text again."),
    "SUBMISSION_OVER": _l("It was decided, or the text was changed meanwhile. Read it again."),
    "ALREADY_HANDED_IN": _l("This version waits for a reader already."),
    "NOTHING_TO_REVIEW": _l("Visitors see this version already; there is nothing to read."),
    "PLAN_UNKNOWN": _l("Nothing is planned any longer: it was shown, or taken back."),
    "REASON_NEEDED": _l("Say what has to change, so that it can be done."),
    "OUTSIDE_READER_OFF": _l("This language does not allow readers without a login."),
    "TOO_MANY_LINKS": _l("There are links enough to this text. Use one of them."),
    "REVIEW_LINK_UNKNOWN": _l("There is no text behind this link. Compare it with the message."),
    "REVIEW_LINK_OVER": _l("This link opens nothing any longer. Ask for a new one."),
    "NOT_OPENED": _l("You have not opened it yet. Read it first."),
    "SIGN_ON_TRIAL": _l(
        "One of these sheets is a trial print and not for hanging. Print it anew once the area has"
        " its public address."
    ),
    "SIGN_UNKNOWN": _l("No sheet was printed for one of these stops. Print it first."),
    "TIMETABLES_FULL": _l("There are as many timetables as can be kept. Delete one first."),
    "OTHER_KIND": _l("Under this short name a line that was typed is kept. Choose another one."),
    "FEEDS_BUSY": _l("Other feeds are being read just now. Try again in a moment."),
    "FEED_UNUSABLE": _l("No timetable can be read from this file. Nothing was changed."),
}
