"""What tf2onnx writes otherwise than TensorFlow means it."""


def with_choices(content: bytes) -> bytes:
    """Makes a choice of each sum that stands for one, in an ONNX file.

    tf2onnx writes `where(mask, x, y)` as `mask * x + (1 - mask) * y`, in which a NaN or
    infinity that the mask leaves out comes through.
    """
    import onnx

    model = onnx.load_from_string(content)
    _choose(model.graph)
    return model.SerializeToString()


def _choose(graph):
    made = {name: node for node in graph.node for name in node.output}
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("g"):
                _choose(attribute.g)
        if node.op_type == "Add" and (choice := _choice(node, made)):
            node.op_type = "Where"
            node.input[:] = choice


def _choice(node, made):
    """Returns mask, x and y of a sum of two products with a mask and its opposite."""
    terms = [list(_masked(made.get(name), made)) for name in node.input]
    for (mask, x), (other, y) in [(a, b) for a in terms[0] for b in terms[1]]:
        for of, against, kept, left in [(mask, other, x, y), (other, mask, y, x)]:
            inverse = made.get(against)
            if inverse is None or inverse.op_type != "Not":
                continue
            if inverse.input[0] == of:
                return of, kept, left
    return None


def _masked(product, made):
    """Yields what may be the mask of a product, and its other factor."""
    if product is not None and product.op_type == "Mul":
        for factor, other in [product.input, reversed(product.input)]:
            cast = made.get(factor)
            if cast is not None and cast.op_type == "Cast":
                yield cast.input[0], other
