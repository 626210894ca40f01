"""Between protobuf and the domain's values; shared by the two doors."""
