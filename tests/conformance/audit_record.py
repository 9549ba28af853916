"""What the appliance keeps of a signature, whichever door it was asked through."""

RECEIPT = {"position": int, "signature": str, "receipt": str, "device_certificate": str}


def assert_record(case, client, transaction, count):
    """`count` signatures of the transaction are recorded, in the one shape that there is."""
    record = client.send("admin", "GET", f"/admin/v1/transactions/{transaction}").json
    case.assertEqual({key: type(value) for key, value in record.items()},
                     {"id": str, "purpose": str, "state": str, "push": str, "module_id": str,
                      "receipts": list})
    case.assertEqual((record["id"], record["purpose"], record["state"]),
                     (transaction, "sign", "signed"))
    case.assertEqual(sorted(one["position"] for one in record["receipts"]), list(range(count)))
    for receipt in record["receipts"]:
        case.assertEqual({key: type(value) for key, value in receipt.items()}, RECEIPT)
        case.assertTrue(all(value != "" for value in receipt.values()), receipt)
