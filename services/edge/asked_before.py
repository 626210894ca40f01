"""Whether payments took a form before. It is asked, and no form is believed that says so."""

from meguri.payments.v1 import payments_service_pb2 as pb
from meguri.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from services.edge.clients import stub

MOST_CHARACTERS = 80  # of a request id, as forms cut it


def find(request_id: str) -> pb.FindRequestResponse:
    """Asks what became of a request of whoever is signed in. Errors: grpc.RpcError."""
    wanted = pb.FindRequestRequest(request_id=request_id[:MOST_CHARACTERS])
    return stub(PaymentsServiceStub).FindRequest(wanted)


def is_known(request_id: str) -> bool:
    """Tells whether a request was taken: sent again it is found, and does nothing twice.

    Errors: grpc.RpcError where payments cannot be asked.
    """
    return bool(request_id) and find(request_id).known
