// Renders the parameters' types of events in one language: a request on stdin, files on stdout.
// Names, envelopes and constructors are Weir's own (platform/weir/registry/types/*.py).
import {
  InputData,
  JSONPythonRenderer,
  JSONSchemaInput,
  KotlinTargetLanguage,
  KotlinXRenderer,
  PythonTargetLanguage,
  getOptionValues,
  kotlinOptions,
  nullableFromUnion,
  pythonOptions,
  quicktype,
} from "quicktype-core";

// A field of one of these names would hide what the generated class itself uses.
const PYTHON_USED = [
  "Any", "Callable", "Enum", "EnumT", "False", "None", "T", "True", "Type", "TypeVar", "assert",
  "bool", "cast", "dataclass", "dict", "float", "from_bool", "from_dict", "from_float", "from_int",
  "from_list", "from_none", "from_str", "from_union", "int", "isinstance", "list", "obj", "result",
  "self", "str", "to_class", "to_dict", "to_enum", "to_float", "type",
];

// The helpers that quicktype writes without types; mypy --strict wants them.
const PYTHON_TYPED = [
  [/^def from_union\(fs, x\):$/m, "def from_union(fs: list[Callable[[Any], Any]], x: Any) -> Any:"],
  [/^ {8}except:$/gm, "        except (AssertionError, TypeError, ValueError):"],
  [/-> dict:$/gm, "-> dict[str, Any]:"],
  [/result: dict = \{\}$/gm, "result: dict[str, Any] = {}"],
  [/^ {4}return cast\(Any, x\)\.to_dict\(\)$/m, "    return cast(dict[str, Any], cast(Any, x).to_dict())"],
  [/^def to_enum\(c: Type\[EnumT\], x: Any\) -> EnumT:\n {4}assert isinstance\(x, c\)\n {4}return x\.value$/m,
    "def to_enum(c: Type[EnumT], x: Any) -> Any:\n    assert isinstance(x, c)\n    return x.value"],
];

class PythonRenderer extends JSONPythonRenderer {
  forbiddenForObjectProperties(object, named) {
    const { names, includeGlobalForbidden } = super.forbiddenForObjectProperties(object, named);
    return { names: [...new Set([...names, ...PYTHON_USED])], includeGlobalForbidden };
  }
}

class Python extends PythonTargetLanguage {
  makeRenderer(context, options) {
    return new PythonRenderer(this, context, getOptionValues(pythonOptions, options));
  }
}

class KotlinRenderer extends KotlinXRenderer {
  // A required null has a default in Kotlin, which would be left out on the wire.
  renameAttribute(name, jsonName, required, meta, property) {
    super.renameAttribute(name, jsonName, required, meta, property);
    const nullable =
      property.type.kind === "null" ||
      (property.type.kind === "union" && nullableFromUnion(property.type) !== null);
    if (nullable && !property.isOptional) {
      meta.push(() => this.emitLine("@EncodeDefault(EncodeDefault.Mode.ALWAYS)"));
    }
  }
}

class Kotlin extends KotlinTargetLanguage {
  makeRenderer(context, options) {
    return new KotlinRenderer(this, context, getOptionValues(kotlinOptions, options));
  }
}

const LANGUAGES = { python: new Python(), kotlin: new Kotlin() };

async function render({ lang, options }, { type, schema }) {
  const input = new JSONSchemaInput(undefined); // no store: a schema cannot fetch another
  await input.addSource({ name: type, schema: JSON.stringify(schema) });
  const inputData = new InputData();
  inputData.addInput(input);
  const { lines } = await quicktype({
    inputData,
    lang: LANGUAGES[lang] ?? lang,
    rendererOptions: options,
    leadingComments: ["weir"],
    inferEnums: false,
    combineClasses: false,
  });
  const text = lines.join("\n");
  return lang === "python"
    ? PYTHON_TYPED.reduce((result, [from, to]) => result.replace(from, to), text)
    : text;
}

async function main() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const request = JSON.parse(Buffer.concat(chunks).toString("utf8"));
  const files = {};
  for (const event of request.events) {
    try {
      files[event.name] = { text: await render(request, event) };
    } catch (error) {
      files[event.name] = { error: String(error.userMessage ?? error.message ?? error) };
    }
  }
  process.stdout.write(JSON.stringify(files));
}

await main();
