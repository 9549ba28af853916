#pragma once

#include <string>

#include "cloudsign/error.h"
#include "cloudsign/store/rows.h"
#include "hsm/protocol/key_blob.h"

namespace cloudsign::credential {

// A new active device whose bearer is `session`.
store::Device make_device(store::DeviceOwner owner_kind,
                          const std::string& owner_id,
                          const std::string& name,
                          const hsm::protocol::ActivationKey& key,
                          const std::string& session,
                          std::int64_t now_ms);

// `invalid` unless `point` is the uncompressed encoding of a point on P-256.
Result<hsm::protocol::Point> read_point(hsm::ByteView point);

}  // namespace cloudsign::credential
