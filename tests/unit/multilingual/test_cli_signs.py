"""`./meguri guide signs`: one printing, its pieces in one file, and what is told of it."""

from pathlib import Path

from meguri.multilingual.v1 import sign_service_pb2 as pb
from services.multilingual.cli.signs import print_signs

WHOLE = bytes(range(256)) * 3


class Guide:
    """Answers as the guide would, a hundred bytes at a time."""

    def __init__(self) -> None:
        self.asked: list[pb.PrintSignsRequest] = []

    def PrintSigns(self, request: pb.PrintSignsRequest, timeout: float) -> pb.PrintSignsResponse:
        self.asked.append(request)
        return pb.PrintSignsResponse(
            print_id="p1", stop_codes=["K7Q2X", "M4T9B"], revisions=[3, 5], trial=request.force
        )

    def ReadSignSheets(
        self, request: pb.ReadSignSheetsRequest, timeout: float
    ) -> pb.ReadSignSheetsResponse:
        assert request.print_id == "p1"
        piece = WHOLE[request.offset : request.offset + 100]
        return pb.ReadSignSheetsResponse(content=piece, total_bytes=len(WHOLE))


def test_the_pieces_make_one_file(tmp_path: Path) -> None:
    guide, out = Guide(), tmp_path / "signs.pdf"
    told = print_signs(guide, out, ["k7q2x", "M4T9B"], "a5", force=True)
    assert out.read_bytes() == WHOLE
    [asked] = guide.asked
    assert (list(asked.stop_codes), asked.paper, asked.force) == (
        ["k7q2x", "M4T9B"], pb.PAPER_A5, True,
    )  # fmt: skip
    assert asked.request_id
    assert (told["signs"], told["bytes"], told["paper"]) == (2, len(WHOLE), "a5")
    assert told["revisions"] == {"K7Q2X": 3, "M4T9B": 5}
    assert told["trial"] is True
    assert told["seconds"] >= 0
