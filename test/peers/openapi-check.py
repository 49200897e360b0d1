"""Checks an OpenAPI document, and answers that were really given against it. Says what is wrong, a line each.

Run as: openapi-check.py DOCUMENT ANSWERS; an answer is {path, method, type, sent, status, body}.
"""

import json
import sys

from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

document, answers = (json.load(open(path)) for path in sys.argv[1:3])
for error in OpenAPIV31SpecValidator(document).iter_errors():
    # Python's regular expressions do not know classes of Unicode, which JSON Schema's (ECMA-262) have.
    if error.validator == "format" and "\\p{" in str(error.instance):
        continue
    print(f"document: {error.json_path}: {error.message}")


def check(what, schema, value):
    whole = {**schema, "components": document["components"]}
    for error in OAS31Validator(whole, format_checker=OAS31Validator.FORMAT_CHECKER).iter_errors(value):
        print(f"{what}: {error.json_path}: {error.message}")


for answer in answers:
    what = f"{answer['method']} {answer['path']} {answer['status']}"
    operation = document["paths"][answer["path"]][answer["method"]]
    if answer.get("sent") is not None:
        check(f"{what} sent", operation["requestBody"]["content"][answer["type"]]["schema"], answer["sent"])
    response = operation["responses"].get(str(answer["status"]))
    if response is None:
        print(f"{what}: the document has no such answer")
    else:
        check(what, response["content"]["application/json"]["schema"], answer["body"])
