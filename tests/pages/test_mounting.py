"""Browser components: scripts that import each other become one module, in the order of their imports."""

import re

import pytest

from ui.components.mounting import HERE, module

VIEWS = sorted(HERE.glob("*/view.js"))


def scripts(folder, **texts):
    for name, text in texts.items():
        (folder / f"{name}.js").write_text(text, encoding="utf-8")
    return folder / "view.js"


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.parent.name)
def test_a_component_is_one_module_without_imports(view):
    made = module(view)
    assert len(re.findall(r"^export default (?:async )?function show\(", made, re.MULTILINE)) == 1
    assert not re.search(r"^(import|export (?!default)|//)", made, re.MULTILINE)


def test_what_is_imported_comes_before_what_imports_it_and_once(tmp_path):
    view = scripts(
        tmp_path,
        view='// A remark.\nimport { b } from "./b.js";\nimport {\n  a,\n} from "./a.js";\n\n'
        "export default function show() {\n  a(b);\n}\n",
        a='import { b } from "./b.js";\n\nexport function a() { return b; }\n',
        b="export const b = 1; // one\n",
    )
    assert module(view).splitlines() == [
        "const b = 1; // one",
        "function a() { return b; }",
        "export default function show() {",
        "a(b);",
        "}",
    ]


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        (
            {"view": 'import { a } from "./a.js";\nconst b = 1;\n', "a": "export const a = 1;\nlet b;\n"},
            "b is declared",
        ),
        (
            {"view": 'import { a } from "./a.js";\nconst [b, c] = [1, 2];\n', "a": "export const a = 1;\nlet c;\n"},
            "c is declared",
        ),
        ({"view": 'import { a } from "./a.js";\n', "a": "const a = 1;\n"}, "does not export"),
        ({"view": 'import * as a from "./a.js";\n', "a": "export const a = 1;\n"}, "is written as"),
        (
            {
                "view": 'import { a } from "./a.js";\nexport const b = 1;\n',
                "a": 'import { b } from "./view.js";\nexport const a = 1;\n',
            },
            "circle",
        ),
    ],
)
def test_what_does_not_fit_into_one_module_is_refused(tmp_path, texts, says):
    with pytest.raises(ValueError, match=says):
        module(scripts(tmp_path, **texts))
