#pragma once

#include <map>
#include <string>
#include <string_view>

#include "hsm/custodian/custodian.h"

// What ceremonies are carried in between host and custodian, on paper-thin media: JSON, an object
// with the member "kyso" (the kind) and the kind's fields in base64url, each once, nothing else.
namespace hsm::custodian {

enum class FileKind {
    custodian,            // point: a custodian's public key
    identity,             // identity_spki: a module's
    configuration,        // configuration: the group's
    assertion,            // assertion: an officer's, over SHA-256 of one of these statements
    provision,            // device_certificate, configuration, statement
    provision_signature,  // custodian, signature
    change,               // before, configuration, statement: of a group
    change_signature,     // custodian, signature
    zeroise,              // configuration, statement: a member that leaves it
    receipt,              // receipt: its last word
    update,               // configuration, statement: a release that its group may install
    outward_share,        // device_certificate, ceremony, share_set, share
    ceremony,             // device_certificate, ceremony, share_set: a module that asks for shares
    inward_share          // share: [InwardShare, signature]
};

constexpr std::size_t ceremony_file_size_max = 32768;

using FileFields = std::map<std::string, Bytes, std::less<>>;

std::string_view kind_name(FileKind kind);

// `fields` are the kind's.
std::string write_ceremony_file(FileKind kind, const FileFields& fields);

// `malformed` when the text is not a file of this kind.
Checked<FileFields> read_ceremony_file(FileKind kind, std::string_view text);

CeremonyPapers papers_of(const FileFields& fields);  // of outward_share and ceremony

}  // namespace hsm::custodian
