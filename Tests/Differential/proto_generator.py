"""Random .proto files and payloads for test_protobuf.py. Everything follows from one random.Random."""

SCALARS = ["double", "float", "int32", "int64", "uint32", "uint64", "sint32", "sint64", "fixed32", "fixed64", "sfixed32", "sfixed64",
           "bool", "string", "bytes"]
KEYS = ["int32", "int64", "uint32", "uint64", "sint32", "sint64", "fixed32", "fixed64", "sfixed32", "sfixed64", "bool", "string"]
NAMES = ["id", "ward", "note", "value", "count", "kind", "first_name", "message", "optional", "max", "to", "map", "group", "x1", "_under"]


class Generator:
    def __init__(self, random):
        self.random = random
        self.proto3 = random.random() < 0.6
        self.serial = 0
        self.types = []      # (full name, "message" or "enum", first value is 0)
        self.extensible = []

    def name(self, prefix):
        self.serial += 1
        return f"{prefix}{self.serial}"

    def file(self):
        r = self.random
        lines = [f'syntax = "{"proto3" if self.proto3 else "proto2"}";']
        package = r.choice(["", "", "a", "vn.gov.danang"])
        if package:
            lines.append(f"package {package};")
        if r.random() < 0.3:
            lines.append('import "google/protobuf/timestamp.proto";')
            self.types.append((".google.protobuf.Timestamp", "message", True))
        if r.random() < 0.2:
            lines.append('option java_package = "vn.gov";')
        for _ in range(r.randint(1, 4)):
            lines += self.enum("") if r.random() < 0.3 else self.message("", 0)
        if not self.proto3 and self.extensible and r.random() < 0.7:
            name = r.choice(self.extensible)
            lines.append(f"extend {name} {{")
            lines += self.field(set(), [], extension=True)
            lines.append("}")
        if r.random() < 0.1:
            lines.append("service S { }")
        return "\n".join(lines) + "\n"

    def enum(self, scope):
        r = self.random
        name = self.name("E")
        prefix = self.name("V")
        first = 0 if self.proto3 or r.random() < 0.6 else r.choice([1, -5, 7])
        lines = [f"enum {name} {{"]
        numbers = {first}
        lines.append(f"  {prefix}_A = {first};")
        for index in range(r.randint(0, 4)):
            number = r.choice([index + 1, r.randint(-(2**31), 2**31 - 1), r.randint(-9, 200)])
            if number not in numbers:
                numbers.add(number)
                lines.append(f"  {prefix}_B{index} = {number};")
        lines.append("}")
        self.types.append((f"{scope}{name}", "enum", first == 0))
        return lines

    def message(self, scope, depth):
        r = self.random
        name = self.name("M")
        full = f"{scope}{name}"
        self.types.append((full, "message", True))
        lines = [f"message {name} {{"]
        numbers, names = set(), []
        if r.random() < 0.2:
            low = r.randint(1, 300)
            lines.append(f"  reserved {low} to {low + r.randint(0, 5)};")
            numbers |= set(range(low, low + 6))
        if not self.proto3 and r.random() < 0.4:
            lines.append("  extensions 1000 to 1999;")
            self.extensible.append(full)
        for _ in range(r.randint(0, 7)):
            kind = r.random()
            if kind < 0.12 and depth < 3:
                lines += ["  " + line for line in self.message(f"{full}.", depth + 1)]
            elif kind < 0.2:
                lines += ["  " + line for line in self.enum(f"{full}.")]
            elif kind < 0.3:
                oneof = self.name("o")
                lines.append(f"  oneof {oneof} {{")
                for _ in range(r.randint(1, 3)):
                    lines += ["  " + line for line in self.field(numbers, names, oneof=True)]
                lines.append("  }")
            else:
                lines += self.field(numbers, names)
        lines.append("}")
        return lines

    def number(self, numbers, extension):
        r = self.random
        while True:
            number = r.randint(1000, 1999) if extension else r.choice([r.randint(1, 20), r.randint(1, 300), r.randint(1, 536870911)])
            if number not in numbers and not 19000 <= number <= 19999 and (extension or not 1000 <= number <= 1999):
                numbers.add(number)
                return number

    def type(self):
        r = self.random
        if self.types and r.random() < 0.35:
            return r.choice(self.types)
        return (r.choice(SCALARS), "scalar", True)

    def field(self, numbers, names, oneof=False, extension=False):
        r = self.random
        number = self.number(numbers, extension)
        name = self.name(r.choice(["f", "field_", "na"])) if r.random() < 0.8 else r.choice(NAMES)
        if name in names:
            name = self.name("f")
        names.append(name)
        type_name, kind, is_zero = self.type()
        if not oneof and not extension and r.random() < 0.12:
            if is_zero:
                return [f"  map<{r.choice(KEYS)}, {type_name}> {name} = {number};"]
        if not self.proto3 and not oneof and r.random() < 0.08:
            return [f"  {r.choice(['optional', 'repeated'])} group G{self.name('g')} = {number} {{", f"    optional int32 x = 1;", "  }"]
        if oneof:
            label = ""
        elif self.proto3:
            label = r.choice(["", "", "optional ", "repeated "])
        else:
            label = r.choice(["optional ", "optional ", "repeated "] + ([] if extension else ["required "]))
        options = []
        if label == "repeated " and kind != "message" and type_name not in ("string", "bytes") and r.random() < 0.5:
            options.append(f"packed = {r.choice(['true', 'false'])}")
        if r.random() < 0.1:
            options.append("deprecated = true")
        suffix = f" [{', '.join(options)}]" if options else ""
        return [f"  {label}{type_name} {name} = {number}{suffix};"]


def mutate_text(random, text):
    """One small change, which may or may not make the file wrong."""
    import re
    tokens = re.findall(r"\w+|\s+|[^\w\s]", text)
    words = [index for index, token in enumerate(tokens) if not token.isspace()]
    index, other = random.choice(words), random.choice(words)
    kind = random.randint(0, 5)
    if kind == 0:
        del tokens[index]
    elif kind == 1:
        tokens[index], tokens[other] = tokens[other], tokens[index]
    elif kind == 2:
        tokens[index] = tokens[other]
    elif kind == 3:
        tokens.insert(index, random.choice(["optional ", "repeated ", "required ", "oneof ", ";", "}", "{", "=", "1 ", "0x10 ", "message ", "enum ",
                                            "reserved 5; ", "extensions 7; ", "[deprecated = true]", "option ", '"x" ', "extend ", "group ", "."]))
    elif kind == 4:
        numbers = [place for place in words if tokens[place].isdigit()]
        if numbers:
            tokens[random.choice(numbers)] = random.choice(["0", "1", "2", "19000", "18999", "536870911", "536870912", "2147483647", "2147483648", "077", "1.5", "max"])
    else:
        tokens[index] = random.choice(SCALARS + ["message", "enum", "true", "Missing", "packed", "default"])
    return "".join(tokens)


class Filler:
    """Sets fields of protobuf messages at random, up to a number of messages: types that hold themselves would never end."""

    def __init__(self, random, messages=200):
        self.random = random
        self.left = messages

    def fill(self, message, depth=0):
        self.left -= 1
        for field in message.DESCRIPTOR.fields:
            if field.is_required or self.random.random() < 0.65:
                self.set(message, field, depth)
        return message

    def may_go_on(self, depth):
        return self.left > 0 and depth < 5

    def set(self, message, field, depth):
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            self.set_map(getattr(message, field.name), field.message_type.fields_by_name, depth)
        elif field.message_type is not None:
            if not self.may_go_on(depth):
                return
            if field.is_repeated:
                for _ in range(self.random.randint(0, 2)):
                    self.fill(getattr(message, field.name).add(), depth + 1)
            else:
                inner = getattr(message, field.name)
                inner.SetInParent()
                self.fill(inner, depth + 1)
        elif field.is_repeated:
            getattr(message, field.name).extend(scalar(self.random, field) for _ in range(self.random.randint(0, 4)))
        else:
            setattr(message, field.name, scalar(self.random, field))

    def set_map(self, entries, parts, depth):
        for _ in range(self.random.randint(0, 2)):
            key = scalar(self.random, parts["key"])
            if parts["value"].message_type is None:
                entries[key] = scalar(self.random, parts["value"])
            elif self.may_go_on(depth):
                self.fill(entries[key], depth + 1)


def scalar(random, field):
    kind = field.type
    bounds = {field.TYPE_INT32: (-(2**31), 2**31 - 1), field.TYPE_SINT32: (-(2**31), 2**31 - 1), field.TYPE_SFIXED32: (-(2**31), 2**31 - 1),
              field.TYPE_UINT32: (0, 2**32 - 1), field.TYPE_FIXED32: (0, 2**32 - 1), field.TYPE_INT64: (-(2**63), 2**63 - 1),
              field.TYPE_SINT64: (-(2**63), 2**63 - 1), field.TYPE_SFIXED64: (-(2**63), 2**63 - 1), field.TYPE_UINT64: (0, 2**64 - 1),
              field.TYPE_FIXED64: (0, 2**64 - 1)}
    if kind in bounds:
        low, high = bounds[kind]
        return random.choice([low, high, max(low, random.randint(-3, 300)), random.randint(low, high)])
    if kind == field.TYPE_BOOL:
        return random.random() < 0.5
    if kind == field.TYPE_ENUM:
        return random.choice(field.enum_type.values).number
    if kind == field.TYPE_STRING:
        return "".join(random.choice(["a", "phường", "é", "𝄞", " ", "\n"]) for _ in range(random.randint(0, 5)))
    if kind == field.TYPE_BYTES:
        return random.randbytes(random.randint(0, 9))
    return random.choice([0.0, -1.5, 1e300 if kind == field.TYPE_DOUBLE else 1e30, float("inf"), random.random()])


def mutate_bytes(random, payload):
    payload = bytearray(payload)
    for _ in range(random.randint(1, 3)):
        place = random.randint(0, len(payload))
        kind = random.randint(0, 3)
        if kind == 0 and place < len(payload):
            payload[place] = random.randint(0, 255)
        elif kind == 1 and place < len(payload):
            del payload[place]
        elif kind == 2:
            payload.insert(place, random.randint(0, 255))
        else:
            payload = payload[:place]
    return bytes(payload)
