"""Mistakes in what becomes of photos, videos and trial signs."""

from tests.mutants.mutant import Mutant, pytest

MUTANTS = {
    "visitors see a photo that waits for a look": Mutant(
        "services/multilingual/store/photos.py",
        'where area = %s and remove_time is null and not waiting"\n        " order by position',
        'where area = %s and remove_time is null"\n        " order by position',
        pytest("tests/service/multilingual/test_photo_care.py"),
    ),
    "who wrote a photo's words looks at it as somebody else": Mutant(
        "services/multilingual/domain/stop_media.py",
        "review.may_decide(*people, reader, reviews=reviews)",
        "review.may_decide(people[0], people[0], reader, reviews=reviews)",
        pytest("tests/service/multilingual/test_photo_pixels.py"),
    ),
    "an erased photo stays at other stops": Mutant(
        "services/multilingual/store/photos.py",
        "where f->>'sha256' = any(%s)) returning stop_code",
        "where f->>'sha256' = any(%s)) and false returning stop_code",
        pytest("tests/service/multilingual/test_photo_care.py"),
    ),
    "an erased photo may be put in again": Mutant(
        "services/multilingual/app/photos.py",
        "if await store.erased(tx, [each.sha256 for each in files]):",
        "if False:",
        pytest("tests/service/multilingual/test_photo_care.py"),
    ),
    "the edge goes on with what was erased": Mutant(
        "services/edge/freshness.py",
        "        def erased(area: str) -> None:\n            parts.media.forget(area)\n",
        "        def erased(area: str) -> None:\n",
        pytest("tests/pages/edge/test_photos.py"),
    ),
    "bytes that were under way while they were erased are kept": Mutant(
        "services/edge/media.py",
        "if current and key not in self._kept",
        "if key not in self._kept",
        pytest("tests/pages/edge/test_media.py"),
    ),
    "browsers keep pictures for a year": Mutant(
        "services/edge/visitor/media.py",
        'AN_HOUR = "public, max-age=3600, must-revalidate"',
        'AN_HOUR = "public, max-age=31536000, immutable"',
        pytest("tests/pages/edge/test_photos.py"),
    ),
    "a trial sheet carries no mark": Mutant(
        "services/multilingual/gateways/typeset/signs.typ",
        "if sign.trial { trial-sheet(sign) } else { sheet(sign) }",
        "sheet(sign)",
        pytest("tests/service/multilingual/test_sign_sheets.py"),
    ),
    "a trial sheet is marked as hung up": Mutant(
        "services/multilingual/app/signs.py",
        "                _check_no_trial(sheets)\n",
        "                pass\n",
        pytest("tests/service/multilingual/test_signs.py"),
    ),
    "what hangs behind a video is no reason to refuse it": Mutant(
        "services/multilingual/gateways/mp4_boxes.py",
        "            if size < head or at + size > len(body):\n                raise damaged()\n",
        "            if size < head or at + size > len(body):\n                return\n",
        pytest("tests/service/multilingual/test_video_bytes.py"),
    ),
    "messages of cameras stay between the slices of a video": Mutant(
        "services/multilingual/gateways/avc.py",
        "        if unit[0] & 31 in (SLICE, KEY_SLICE):\n            _check_slice(unit)\n",
        "        if unit[0] & 31 < 24:\n",
        pytest("tests/service/multilingual/test_video_bytes.py"),
    ),
    "what somebody cut away from a video is kept": Mutant(
        "services/multilingual/gateways/video_maker.py",
        "return samples[first : last + 1], line",
        "return samples, line",
        pytest("tests/service/multilingual/test_video_bytes.py"),
    ),
    "a video's pixels are not looked at": Mutant(
        "services/multilingual/gateways/video_maker.py",
        "    check_picture(*picture.size)\n",
        "",
        pytest("tests/service/multilingual/test_video_bytes.py"),
    ),
    "a video is put together from anybody's pieces": Mutant(
        "services/multilingual/store/videos.py",
        '        " and author = %s order by place",\n        (tx.area, upload_id, author),',
        '        " order by place",\n        (tx.area, upload_id),',
        pytest("tests/service/multilingual/test_videos.py"),
    ),
    "anybody writes into an upload that somebody else began": Mutant(
        "services/multilingual/app/videos.py",
        "            await _check_own(tx, upload_id, key.principal)\n"
        "            await store.put_piece(",
        "            await store.put_piece(",
        pytest("tests/service/multilingual/test_videos.py"),
    ),
    "a video goes on naming a poster that was erased": Mutant(
        "services/multilingual/app/photo_care.py",
        "films = await video_store.take_posters(tx, names)",
        "films: list[str] = []",
        pytest("tests/service/multilingual/test_videos.py"),
    ),
    "a pack plays videos that are not in it": Mutant(
        "services/edge/visitor/templates/visitor/stop.html",
        "{{ video(one, kept_bar) }}",
        "{{ video(one, False) }}",
        pytest("tests/pages/edge/test_videos.py"),
    ),
}
