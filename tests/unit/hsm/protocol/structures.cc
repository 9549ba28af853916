#include "tests/unit/hsm/protocol/structures.h"

#include <deque>

#include "hsm/protocol/audit_record.h"
#include "hsm/protocol/message.h"
#include "hsm/protocol/statement.h"

namespace hsm::protocol::testing {
namespace {

namespace json = boost::json;

constexpr std::size_t buffer_size = 16384;

// Owns what the views of a structure under test point to.
using Arena = std::deque<Bytes>;

Result<Bytes> owned(Result<ByteView> bytes) {
    TRY_ASSIGN(auto view, bytes);
    return Bytes(view.begin(), view.end());
}

template <class T>
void set_value(T& member, const json::value& value, Arena& arena) {
    if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
        member = static_cast<T>(value.to_number<std::uint64_t>());
    } else if constexpr (std::is_same_v<T, Algorithm>) {
        const auto& numbers = value.as_array();
        set_value(member.scheme, numbers.at(0), arena);
        set_value(member.digest, numbers.at(1), arena);
        set_value(member.salt_length, numbers.at(2), arena);
    } else if constexpr (codec::is_list<T>) {
        for (const auto& item : value.as_array()) {
            std::remove_cvref_t<decltype(member[0])> entry{};
            set_value(entry, item, arena);
            CHECK(member.push_back(entry));
        }
    } else if constexpr (std::is_same_v<T, std::string_view>) {
        member = {value.as_string().data(), value.as_string().size()};
    } else if constexpr (std::is_same_v<T, ByteView>) {
        member = arena.emplace_back(from_hex(value));
    } else {
        member = array_from_hex<std::tuple_size_v<T>>(value);
    }
}

// The vectors name the fields in the order of the encoding.
template <class M>
M from_json(const json::object& row, Arena& arena) {
    const auto& values = row.at("values").as_object();
    CHECK(values.size() == codec::field_count<M>);
    M message{};
    auto at = values.begin();
    std::apply(
        [&](auto... field) {
            (..., set_value(message.*decltype(field)::member, (at++)->value(), arena));
        },
        M::fields);
    return message;
}

template <class M>
Structure map_structure() {
    return {[](const json::object& row) {
                Arena arena;
                Bytes buffer(buffer_size);
                return owned(encode(from_json<M>(row, arena), buffer));
            },
            [](ByteView bytes) -> Result<Bytes> {
                Bytes buffer(buffer_size);
                TRY_ASSIGN(auto message, decode<M>(bytes));
                return owned(encode(message, buffer));
            }};
}

template <class M>
Structure tagged_structure() {
    return {[](const json::object& row) {
                Arena arena;
                Bytes buffer(buffer_size);
                return owned(encode_tagged(from_json<M>(row, arena), buffer));
            },
            [](ByteView bytes) -> Result<Bytes> {
                Bytes buffer(buffer_size);
                TRY_ASSIGN(auto message, decode_tagged<M>(bytes));
                return owned(encode_tagged(message, buffer));
            }};
}

std::uint32_t request_id_of(const json::object& row) {
    return row.at("request_id").to_number<std::uint32_t>();
}

template <class M>
Structure request_structure() {
    return {[](const json::object& row) {
                Arena arena;
                Bytes buffer(buffer_size);
                return owned(encode_request(request_id_of(row), from_json<M>(row, arena), buffer));
            },
            [](ByteView bytes) -> Result<Bytes> {
                Bytes buffer(buffer_size);
                TRY_ASSIGN(auto head, decode_request_head(bytes));
                TRY_ASSIGN(auto message, decode_request_body<M>(bytes));
                return owned(encode_request(head.request_id, message, buffer));
            }};
}

template <class M>
Structure response_structure() {
    return {[](const json::object& row) {
                Arena arena;
                Bytes buffer(buffer_size);
                return owned(encode_response(request_id_of(row), from_json<M>(row, arena), buffer));
            },
            [](ByteView bytes) -> Result<Bytes> {
                Bytes buffer(buffer_size);
                TRY_ASSIGN(auto head, decode_response_head(bytes));
                TRY_ASSIGN(auto message, decode_response_body<M>(bytes));
                return owned(encode_response(head.request_id, message, buffer));
            }};
}

Structure refusal_structure() {
    return {
        [](const json::object& row) {
            Bytes buffer(buffer_size);
            const auto status = row.at("values").at("status").to_number<std::uint16_t>();
            return owned(encode_refusal(request_id_of(row), static_cast<Status>(status), buffer));
        },
        [](ByteView bytes) -> Result<Bytes> {
            Bytes buffer(buffer_size);
            TRY_ASSIGN(auto head, decode_response_head(bytes));
            if (head.status == Status::ok) {
                return Status::response_wrong;
            }
            return owned(encode_refusal(head.request_id, head.status, buffer));
        }};
}

Structure assertion_structure() {
    return {[](const json::object& row) {
                Arena arena;
                Bytes buffer(buffer_size);
                const auto& values = row.at("values").as_object();
                Assertion assertion;
                set_value(assertion.thumbprint, values.at("thumbprint"), arena);
                set_value(assertion.authenticator_data, values.at("authenticator_data"), arena);
                set_value(assertion.client_data_json, values.at("client_data_json"), arena);
                set_value(assertion.signature, values.at("signature"), arena);
                return owned(encode_assertion(assertion, buffer));
            },
            [](ByteView bytes) -> Result<Bytes> {
                Bytes buffer(buffer_size);
                TRY_ASSIGN(auto assertion, decode_assertion(bytes));
                return owned(encode_assertion(assertion, buffer));
            }};
}

Result<Bytes> encode_whole_blob(ByteView header, ByteView wrapped, const Digest& mac) {
    Bytes buffer(buffer_size);
    TRY_ASSIGN(auto authenticated, encode_blob_authenticated(header, wrapped, buffer));
    return owned(encode_blob_finish(authenticated.size(), mac, buffer));
}

Structure blob_structure() {
    return {[](const json::object& row) {
                const auto& values = row.at("values").as_object();
                return encode_whole_blob(from_hex(values.at("header")),
                                         from_hex(values.at("wrapped")),
                                         array_from_hex(values.at("mac")));
            },
            [](ByteView bytes) -> Result<Bytes> {
                TRY_ASSIGN(auto blob, decode_blob(bytes));
                return encode_whole_blob(blob.header_bytes, blob.wrapped, blob.mac);
            }};
}

Structure signed_structure() {
    return {[](const json::object& row) {
                Bytes buffer(buffer_size);
                const auto& values = row.at("values").as_object();
                const auto statement = from_hex(values.at("statement"));
                const auto signature = from_hex(values.at("signature"));
                return owned(encode_signed({statement, signature}, buffer));
            },
            [](ByteView bytes) -> Result<Bytes> {
                Bytes buffer(buffer_size);
                TRY_ASSIGN(auto decoded, decode_signed(bytes));
                return owned(encode_signed(decoded, buffer));
            }};
}

template <class Request>
void add_command(std::map<std::string, Structure, std::less<>>& all) {
    const std::string name(find_rule(static_cast<std::uint64_t>(Request::command))->name);
    all[name + ".request"] = request_structure<Request>();
    all[name + ".response"] = response_structure<ResponseOf<Request>>();
}

const std::map<std::string, Structure, std::less<>>& all_structures() {
    static const auto structures = [] {
        std::map<std::string, Structure, std::less<>> all = {
            {"Policy", map_structure<Policy>()},
            {"KeyHeader", map_structure<KeyHeader>()},
            {"AuditRecord", map_structure<AuditRecord>()},
            {"StartedDetails", map_structure<StartedDetails>()},
            {"ProvisionedDetails", map_structure<ProvisionedDetails>()},
            {"KeyGeneratedDetails", map_structure<KeyGeneratedDetails>()},
            {"KeyChangedDetails", map_structure<KeyChangedDetails>()},
            {"KeyRevokedDetails", map_structure<KeyRevokedDetails>()},
            {"SignedDetails", map_structure<SignedDetails>()},
            {"LogReleasedDetails", map_structure<LogReleasedDetails>()},
            {"ServiceSignedDetails", map_structure<ServiceSignedDetails>()},
            {"UpdateApprovedDetails", map_structure<UpdateApprovedDetails>()},
            {"ChallengePreimage", tagged_structure<ChallengePreimage>()},
            {"Context", tagged_structure<Context>()},
            {"BindStatement", tagged_structure<BindStatement>()},
            {"RebindStatement", tagged_structure<RebindStatement>()},
            {"RevokeKeyStatement", tagged_structure<RevokeKeyStatement>()},
            {"GroupConfiguration", tagged_structure<GroupConfiguration>()},
            {"ProvisionStatement", tagged_structure<ProvisionStatement>()},
            {"RevocationStatement", tagged_structure<RevocationStatement>()},
            {"RevokedStatement", tagged_structure<RevokedStatement>()},
            {"AttestationStatement", tagged_structure<AttestationStatement>()},
            {"HeadStatement", tagged_structure<HeadStatement>()},
            {"ReceiptStatement", tagged_structure<ReceiptStatement>()},
            {"UpdateStatement", tagged_structure<UpdateStatement>()},
            {"ShareSet", tagged_structure<ShareSet>()},
            {"ProofStatement", tagged_structure<ProofStatement>()},
            {"CeremonyStatement", tagged_structure<CeremonyStatement>()},
            {"OutwardShare", tagged_structure<OutwardShare>()},
            {"InwardShare", tagged_structure<InwardShare>()},
            {"SealedShareInfo", tagged_structure<SealedShareInfo>()},
            {"TableStatement", tagged_structure<TableStatement>()},
            {"ChangeStatement", tagged_structure<ChangeStatement>()},
            {"ZeroiseStatement", tagged_structure<ZeroiseStatement>()},
            {"ZeroisedStatement", tagged_structure<ZeroisedStatement>()},
            {"GroupChangedDetails", map_structure<GroupChangedDetails>()},
            {"EpochClosedDetails", map_structure<EpochClosedDetails>()},
            {"TableTakenDetails", map_structure<TableTakenDetails>()},
            {"ZeroiseApprovedDetails", map_structure<ZeroiseApprovedDetails>()},
            {"CeremonyFinishedDetails", map_structure<CeremonyFinishedDetails>()},
            {"Assertion", assertion_structure()},
            {"Blob", blob_structure()},
            {"Signed", signed_structure()},
            {"Refusal", refusal_structure()},
        };
        add_command<GetInfoRequest>(all);
        add_command<UnlockRequest>(all);
        add_command<ProvisionRequest>(all);
        add_command<SelfTestRequest>(all);
        add_command<InstallHostsRequest>(all);
        add_command<GenerateKeyRequest>(all);
        add_command<BindRequest>(all);
        add_command<OpenActivationRequest>(all);
        add_command<SignRequest>(all);
        add_command<GetResultRequest>(all);
        add_command<AcknowledgeRequest>(all);
        add_command<RebindPrepareRequest>(all);
        add_command<RebindFinishRequest>(all);
        add_command<RevokeRequest>(all);
        add_command<AttestKeyRequest>(all);
        add_command<RevokeKeyRequest>(all);
        add_command<SignServiceRequest>(all);
        add_command<ListBeginRequest>(all);
        add_command<ListWriteRequest>(all);
        add_command<ListFinishRequest>(all);
        add_command<AuditHeadRequest>(all);
        add_command<AuditExportRequest>(all);
        add_command<AuditReleaseRequest>(all);
        add_command<CeremonyMakeRequest>(all);
        add_command<CeremonyRestoreRequest>(all);
        add_command<CeremonyShareRequest>(all);
        add_command<CeremonyFinishRequest>(all);
        add_command<TableExportRequest>(all);
        add_command<TableImportRequest>(all);
        add_command<ChangeGroupRequest>(all);
        add_command<ZeroiseRequest>(all);
        add_command<ResealRequest>(all);
        add_command<CloseEpochRequest>(all);
        add_command<UpdateBeginRequest>(all);
        add_command<UpdateWriteRequest>(all);
        add_command<UpdateFinishRequest>(all);
        add_command<UpdateStateRequest>(all);
        return all;
    }();
    return structures;
}

}  // namespace

const Structure& structure_of(const Vector& vector) {
    auto key = vector.structure;
    if (vector.is_request() || vector.is_response()) {
        key = vector.name.substr(0, vector.name.find('.')) +
              vector.name.substr(vector.name.rfind('.'));
    }
    const auto found = all_structures().find(key);
    CHECK(found != all_structures().end());
    return found->second;
}

}  // namespace hsm::protocol::testing
