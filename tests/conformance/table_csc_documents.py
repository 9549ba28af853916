"""The rows of table.py for CSC's documents: signDoc, and what is ours around it."""

from cases import (ABSENT, BATCH, ECDSA_SHA256, EVERYONE, RSA_SHA256, SHA1, SHA256, SHA384, Case,
                   bad, good, invalid, missing)
from pdf_signature import sample_pdf
from table_csc import credential_cases, csc, mode_cases, sad_cases, usable_cases
from world import b64


def document_cases():
    digest = {"hashes": ["@hash_doc"], "hashAlgorithmOID": SHA256, "signature_format": "C",
              "signed_envelope_property": "Detached", "signAlgo": ECDSA_SHA256}

    def of_document(label, expected, **change):
        item = {"document": "@document", "signature_format": "C", "signAlgo": ECDSA_SHA256,
                **change}
        return Case(label, expected, change={"documents": [item]})

    def of_digest(label, expected, **change):
        return Case(label, expected, change={"documents": ABSENT,
                                             "documentDigests": [{**digest, **change}]})
    unauthorised = bad("documentDigests or documents are not authorized by the SAD")
    mismatch = bad("Document or documentDigest does not match authorized hash", 403, "invalid_hash")
    base64 = bad("Invalid Base64 documents string parameter")
    detached = good("SignatureObject")
    return sad_cases() + credential_cases() + usable_cases() + [
        Case("documents of wrong type", bad("Invalid array parameter documents"),
             change={"documents": {"document": "x"}}),
        Case("documents of strings", bad("Invalid array parameter documents"),
             change={"documents": ["x"]}),
        Case("documentDigests of wrong type", bad("Invalid object parameter documentDigests"),
             change={"documentDigests": "x"}),
        Case("documentDigests of strings", bad("Invalid object parameter documentDigests"),
             change={"documents": ABSENT, "documentDigests": ["x"]}),
        Case("neither", bad("Empty documentDigests and documents objects"),
             change={"documents": ABSENT}),
        Case("both empty", bad("Empty documentDigests and documents objects"),
             change={"documents": [], "documentDigests": []}),
        Case("both", bad("Both documentDigests and documents parameters passed"),
             change={"documentDigests": [digest]}),
        Case("signatureQualifier unknown", invalid("signatureQualifier"),
             change={"signatureQualifier": "eu_eidas_qes"}),
        Case("returnValidationInfo of wrong type", invalid("returnValidationInfo"),
             change={"returnValidationInfo": "true"}),
        of_document("document missing", base64, document=ABSENT),
        of_document("document of wrong type", base64, document=7),
        of_document("document not base64", base64, document="!"),
        of_document("document empty", base64, document=""),
        of_document("another document", mismatch, document="eA=="),
        of_document("signature_format missing", missing("string", "signature_format"),
                    signature_format=ABSENT),
        of_document("signature_format of wrong type", missing("string", "signature_format"),
                    signature_format=1),
        of_document("signature_format PAdES, approved for CAdES", bad(
            "The file is no PDF."), signature_format="P"),
        of_document("signature_format PAdES in a CAdES envelope",
                    invalid("signed_envelope_property"), signature_format="P",
                    signed_envelope_property="Detached"),
        of_document("signature_format unknown", invalid("signature_format"), signature_format="Y"),
        of_document("signature_format XAdES, approved for CAdES", unauthorised,
                    signature_format="X"),
        of_document("signature_format XAdES in an envelope that is not made here",
                    invalid("signed_envelope_property"), signature_format="X",
                    signed_envelope_property="Enveloped"),
        of_document("signature_format JAdES, approved for CAdES", unauthorised,
                    signature_format="J"),
        of_document("signature_format JAdES in a CAdES envelope",
                    invalid("signed_envelope_property"), signature_format="J",
                    signed_envelope_property="Attached"),
        of_document("conformance_level B-T of JAdES", invalid("conformance_level"),
                    signature_format="J", conformance_level="Ades-B-T"),
        of_document("conformance_level B-B", None, conformance_level="Ades-B-B"),
        of_document("conformance_level B-B as ETSI writes it", None, conformance_level="AdES-B-B"),
        of_document("conformance_level B-T", good("DocumentWithSignature", "reachedLevels"),
                    conformance_level="Ades-B-T"),
        of_document("conformance_level B-LT of CAdES", invalid("conformance_level"),
                    conformance_level="Ades-B-LT"),
        of_document("conformance_level that is none", invalid("conformance_level"),
                    conformance_level="Ades-B-X"),
        of_document("conformance_level of wrong type", invalid("conformance_level"),
                    conformance_level=1),
        of_document("envelope Attached", None, signed_envelope_property="Attached"),
        of_document("envelope Detached", detached, signed_envelope_property="Detached"),
        of_document("envelope Parallel", invalid("signed_envelope_property"),
                    signed_envelope_property="Parallel"),
        of_document("envelope of wrong type", invalid("signed_envelope_property"),
                    signed_envelope_property=7),
        of_document("signed_props", bad("Invalid parameter signed_props (mime-type)"),
                    signed_props=[{"attribute_name": "mime-type"}]),
        of_document("signed_props of wrong type", invalid("signed_props"), signed_props="x"),
        of_document("no signed_props", None, signed_props=[]),
        of_document("signAlgo missing", missing("string", "signAlgo"), signAlgo=ABSENT),
        of_document("signAlgo unknown", invalid("signAlgo"), signAlgo="1.2.3"),
        of_document("another algorithm than approved", invalid("signAlgo"), signAlgo=RSA_SHA256),
        of_document("hash algorithm contradicts",
                    bad("String parameter hashAlgorithmOID contradicts with signAlgo parameter"),
                    hashAlgorithmOID=SHA384),
        of_document("hash algorithm unknown", invalid("hashAlgorithmOID"),
                    hashAlgorithmOID=SHA1),
        of_digest("digest", detached),
        of_digest("digest that is no array, as in the specification's example", detached,
                  hashes="@hash_doc"),
        of_digest("digest of a PDF, approved for CAdES", unauthorised, signature_format="P",
                  signed_envelope_property="Revision"),
        of_digest("digest of a JWS, approved for CAdES", unauthorised, signature_format="J"),
        of_digest("conformance_level B-T of JAdES digests", invalid("conformance_level"),
                  signature_format="J", conformance_level="Ades-B-T"),
        of_digest("digest of XAdES, approved for CAdES", unauthorised, signature_format="X"),
        of_digest("digest of an unknown format", invalid("signature_format"), signature_format="Y"),
        of_digest("digest of another document", mismatch, hashes=["@hash_1"]),
        of_digest("digest twice, approved once", unauthorised, hashes=["@hash_doc", "@hash_doc"]),
        of_digest("digest without a format, approved for documents", unauthorised,
                  signature_format=ABSENT),
        of_digest("digest in an envelope", invalid("signed_envelope_property"),
                  signed_envelope_property="Attached"),
        of_digest("hashes missing", missing("array", "hashes"), hashes=ABSENT),
        of_digest("hashes not base64", bad("Invalid Base64 hashes string parameter"),
                  hashes=["!"]),
        of_digest("hashes of 20 bytes", bad("Invalid digest value length"), hashes=["@hash_20"]),
        of_digest("hashes of another length than the algorithm's",
                  bad("Invalid digest value length"), hashes=["@hash_48"]),
        Case("a hash that was approved to be signed as it is", unauthorised, change={
            "SAD": "@sad", "documents": ABSENT,
            "documentDigests": [{**digest, "hashes": ["@hash_1"]}]}),
        Case("such a hash without a format", detached, change={
            "SAD": "@sad", "documents": ABSENT, "documentDigests": [
                {**digest, "hashes": ["@hash_1"], "signature_format": ABSENT}]}),
        Case("asynchronous with the document inside", invalid("signed_envelope_property"),
             change={"operationMode": "A"}),
    ] + [case for case in mode_cases() if case.label not in ("asynchronous",
                                                             "asynchronous, for a day")]


def raised_cases():
    unknown = invalid("documentID")
    return [
        Case("documentID missing", missing("string", "documentID"), change={"documentID": ABSENT}),
        Case("documentID of wrong type", missing("string", "documentID"), change={"documentID": 7}),
        Case("documentID empty", missing("string", "documentID"), change={"documentID": ""}),
        Case("documentID too long", unknown, change={"documentID": "x" * 5000}),
        Case("documentID unknown", unknown, change={"documentID": "doc_none"}),
        Case("documentID is another client's", unknown, headers=EVERYONE),
        Case("anyLevel of another type", invalid("anyLevel"), change={"anyLevel": "true"}),
        Case("anyLevel of a type that is close", invalid("anyLevel"), change={"anyLevel": 1}),
        Case("at its level alone", good("documentID", "state", "nextAttempt"),
             change={"anyLevel": False}),
    ]


def prepare_cases():
    """Not what is wrong with a file: document_prepare.py."""
    cases = credential_cases() + usable_cases() + [
        Case("document missing", bad("Invalid Base64 document string parameter"),
             change={"document": ABSENT}),
        Case("document of wrong type", bad("Invalid Base64 document string parameter"),
             change={"document": 7}),
        Case("document not base64", bad("Invalid Base64 document string parameter"),
             change={"document": "!"}),
        Case("document empty", bad("Invalid Base64 document string parameter"),
             change={"document": ""}),
        Case("document_name too long", invalid("document_name"),
             change={"document_name": "x" * 256}),
        Case("signature_format missing", missing("string", "signature_format"),
             change={"signature_format": ABSENT}),
        Case("signature_format that is not prepared", invalid("signature_format"),
             change={"signature_format": "C"}),
        Case("signature_format unknown", invalid("signature_format"),
             change={"signature_format": "Y"}),
        Case("conformance_level that is none", invalid("conformance_level"),
             change={"conformance_level": "Ades-B-X"}),
        Case("signAlgo missing", missing("string", "signAlgo"), change={"signAlgo": ABSENT}),
        Case("signAlgo unknown", invalid("signAlgo"), change={"signAlgo": "1.2.3"}),
        Case("signAlgo of another key", invalid("signAlgo"), change={"signAlgo": RSA_SHA256}),
        Case("hash algorithm contradicts",
             bad("String parameter hashAlgorithmOID contradicts with signAlgo parameter"),
             change={"hashAlgorithmOID": SHA384}),
        Case("certify of wrong type", invalid("certify"), change={"certify": "yes"}),
        Case("appearance of wrong type", invalid("appearance"), change={"appearance": "lanh-dao"}),
        Case("appearance with an unknown member", invalid(
            "appearance: it has preset, values, picture, text, page, box, over"),
             change={"appearance": {"presets": "x"}}),
        Case("a text and a preset", bad(
            "The preset phu-luc has a text of its own: name a preset or a text, not both."),
             change={"appearance": {"preset": "phu-luc", "text": ["x"]}}),
        Case("over without a preset", bad(
            "Only a preset that is a seal stands over another signature: leave over out, or name "
            "such a preset."), change={"appearance": {"text": ["x"], "over": "Signature1"}}),
        Case("values.time", bad(
            "{time} is when the signature is made: leave it out of the values."),
             change={"appearance": {"preset": "phu-luc", "values": {"number": "1", "time": "x"}}}),
        Case("fill of a field that is not there", bad(
            "The PDF has no text field \"so\", and no other that is empty."),
             change={"fill": {"so": "12"}}),
        Case("with a text", None, change={"appearance": {"text": ["Ký bởi An"]}}),
    ]
    for name, wrong in (("field", 7), ("reason", "x" * 256), ("location", []), ("fill", "so"),
                        ("fill", {"so": 12})):
        cases.append(Case(f"{name} that cannot be", invalid(name), change={name: wrong}))
    for name in ("slot", "into", "reference"):
        cases.append(Case(f"{name} of an XML", bad(
            f"{name} is for a document of signature_format X"), change={name: "x"}))
    for name, wish in (("field", "x"), ("reason", "x"), ("location", "x"), ("certify", False),
                       ("fill", {"so": "12"}), ("appearance", {"text": ["x"]})):
        cases.append(Case(f"{name} of a PDF", bad(f"{name} is for a document of signature_format P"),
                          change={name: wish, "signature_format": "X", "document": b64(b"<a/>")}))
    for name, wrong in (("preset", 7), ("values", "x"), ("values", {"number": 7}), ("picture", "!"),
                        ("text", "x"), ("text", [7]), ("page", 0), ("page", "1"), ("box", [1, 2, 3]),
                        ("box", [1, 2, 3, "4"]), ("over", 7)):
        cases.append(Case(f"{name} of an appearance that cannot be: {wrong}", invalid(name),
                          change={"appearance": {name: wrong}}))
    return cases


def discard_cases():
    """Of one that is finished: what becomes of one that is open is in document_prepare.py."""
    return credential_cases() + [
        Case("preparedID missing", missing("string", "preparedID"), change={"preparedID": ABSENT}),
        Case("preparedID of wrong type", missing("string", "preparedID"), change={"preparedID": 7}),
        Case("preparedID unknown", invalid("preparedID"), change={"preparedID": "prep_none"}),
    ]


def finish_cases():
    """Of a document that is finished, and answered again: what becomes of SADs that are not its
    own is in document_prepare.py."""
    unknown = invalid("preparedID")
    return credential_cases() + usable_cases() + [
        Case("SAD missing", missing("string", "SAD"), change={"SAD": ABSENT}),
        Case("SAD of wrong type", missing("string", "SAD"), change={"SAD": 7}),
        Case("SAD empty", missing("string", "SAD"), change={"SAD": ""}),
        Case("preparedID missing", missing("string", "preparedID"), change={"preparedID": ABSENT}),
        Case("preparedID of wrong type", missing("string", "preparedID"), change={"preparedID": 7}),
        Case("preparedID empty", missing("string", "preparedID"), change={"preparedID": ""}),
        Case("preparedID too long", unknown, change={"preparedID": "x" * 5000}),
        Case("preparedID unknown", unknown, change={"preparedID": "prep_none"}),
    ]


SIGN_DOC = {"credentialID": "@credential_a", "SAD": "@sad_doc", "documents": [
    {"document": "@document", "signature_format": "C", "signAlgo": ECDSA_SHA256}]}
PREPARE = {"credentialID": "@credential_a", "document": b64(sample_pdf()), "signature_format": "P",
           "signAlgo": ECDSA_SHA256}


ENDPOINTS = [
    csc(2, "signatures/signDoc", SIGN_DOC, document_cases(), "DocumentWithSignature",
        body_max=4 * BATCH),
    csc(2, "documents/prepare", PREPARE, prepare_cases(), "preparedID", "expiresIn", "authorize",
        "document", body_max=4 * BATCH),
    csc(2, "documents/discard", {"credentialID": "@credential_a", "preparedID": "@prepared"},
        discard_cases(), good_answer=bad(
            "What preparedID stands for is signed: it goes by itself in some minutes")),
    csc(2, "documents/finish", {"credentialID": "@credential_a", "SAD": "@sad_prepared",
                                "preparedID": "@prepared"}, finish_cases(), "document",
        "reachedLevel"),
    csc(2, "signatures/raisedDocument", {"documentID": "doc_raising"}, raised_cases(), "documentID",
        "state", "conformance_level", "reachedLevel", "fault", "nextAttempt"),
]
