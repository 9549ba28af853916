#include "hsm/custodian/commands.h"

#include <array>
#include <fcntl.h>
#include <fstream>
#include <iostream>
#include <iterator>
#include <unistd.h>

#include <boost/json.hpp>
#include <openssl/pem.h>

#include "hsm/base/hex.h"
#include "hsm/custodian/ceremony_file.h"
#include "hsm/custodian/share_words.h"
#include "hsm/openssl/der.h"
#include "hsm/openssl/hex.h"
#include "hsm/openssl/p256_key.h"
#include "hsm/protocol/short_code.h"

namespace hsm::custodian {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

Failure usage(std::string text) {
    return {std::move(text), exit_usage};
}

Failure refused(const Refusal& refusal) {
    return {refusal.text + " (" + std::string(base::status_name(refusal.status)) + ")",
            exit_refused};
}

template <class T>
Outcome<T> outcome_of(Checked<T> checked) {
    if (!checked) {
        return refused(checked.error());
    }
    return *std::move(checked);
}

Outcome<std::string> read_text(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::string text(ceremony_file_size_max + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!in.is_open() || in.bad() || in.gcount() > static_cast<long>(ceremony_file_size_max)) {
        return usage(file.string() + ": cannot be read, or is too large");
    }
    text.resize(static_cast<std::size_t>(in.gcount()));
    return text;
}

// A new file, or none at all: nothing is written over.
Outcome<void> write_new(const fs::path& file, std::string_view text) {
    const int out = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (out < 0) {
        return usage(file.string() + ": is there already, or cannot be written");
    }
    const bool written =
        ::write(out, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
        ::fsync(out) == 0;
    ::close(out);
    if (!written) {
        ::unlink(file.c_str());
        return usage(file.string() + ": cannot be written");
    }
    return {};
}

Outcome<FileFields> read_fields(FileKind kind, const fs::path& file) {
    TRY_ASSIGN(const auto text, read_text(file));
    auto fields = read_ceremony_file(kind, text);
    if (!fields) {
        return usage(file.string() + ": " + fields.error().text);
    }
    return *std::move(fields);
}

Outcome<Key> load_key(const fs::path& file) {
    const auto key = openssl::P256Key::load(file);
    if (!key) {
        return usage(file.string() + (key.error() == Status::malformed
                                          ? ": holds no P-256 key, or others may read it"
                                          : ": cannot be read"));
    }
    CHECK(::EVP_PKEY_up_ref(key->get()) == 1);
    return Key(openssl::EvpKeyPtr(key->get()));
}

Outcome<std::vector<Bytes>> load_roots(const std::vector<std::string>& files) {
    std::vector<Bytes> roots;
    for (const auto& file : files) {
        TRY_ASSIGN(const auto pem, read_text(file));
        const openssl::BioPtr in(::BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
        const openssl::X509Ptr root(::PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
        if (!root) {
            return usage(file + ": holds no certificate in PEM");
        }
        roots.push_back(openssl::to_der(root.get(), ::i2d_X509));
    }
    return roots;
}

Outcome<Digest> digest_of_hex(const std::string& text) {
    Digest digest{};
    if (text.size() != 2 * digest.size()) {
        return usage("\"" + text + "\" is no firmware hash of 64 hexadecimal digits");
    }
    for (std::size_t i = 0; i < digest.size(); ++i) {
        const int high = hex_value(text[2 * i]);
        const int low = hex_value(text[2 * i + 1]);
        if (high < 0 || low < 0) {
            return usage("\"" + text + "\" is no firmware hash of 64 hexadecimal digits");
        }
        digest[i] = static_cast<Byte>(high << 4 | low);
    }
    return digest;
}

Outcome<Expectation> expectation_of(const Options& options) {
    Expectation expectation;
    TRY_ASSIGN(expectation.roots, load_roots(options.roots));
    const auto assurance_class = openssl::class_named(options.assurance_class);
    if (!assurance_class) {
        return usage("the class is software, emulated or hardware");
    }
    expectation.assurance_class = *assurance_class;
    for (const auto& text : options.firmware) {
        TRY_ASSIGN(const auto digest, digest_of_hex(text));
        expectation.firmware_hashes.push_back(digest);
    }
    return expectation;
}

void print(const Options& options, const json::object& object, const std::string& text) {
    if (options.form == Form::json) {
        std::cout << json::serialize(object) << "\n";
    } else {
        std::cout << text;
    }
}

// From the sealed file, or from words on paper.
Outcome<protocol::ShareBytes> find_share(const Key& key,
                                         const Options& options,
                                         const Expectation& expectation) {
    if (options.words.empty()) {
        TRY_ASSIGN(const auto fields, read_fields(FileKind::outward_share, options.in));
        return outcome_of(
            open_outward_share(key, papers_of(fields), fields.at("share"), expectation));
    }
    std::string text;
    if (options.words == "-") {
        text.assign(std::istreambuf_iterator<char>(std::cin), {});
    } else {
        TRY_ASSIGN(text, read_text(options.words));
    }
    auto share = read_share_words(text);
    base::zeroize({reinterpret_cast<Byte*>(text.data()), text.size()});
    if (!share) {
        return Failure{
            "those are not the " + std::to_string(share_word_count) + " words of a share",
            exit_usage};
    }
    return *std::move(share);
}

}  // namespace

Outcome<void> keygen(const Options& options) {
    const auto key = openssl::P256Key::make(options.key);
    if (!key) {
        return usage(options.key.string() + (key.error() == Status::wrong_state
                                                 ? ": is there already"
                                                 : ": cannot be written"));
    }
    return show_public(options);
}

Outcome<void> show_public(const Options& options) {
    TRY_ASSIGN(const auto key, load_key(options.key));
    const auto point = key.point();
    const auto thumbprint = key.thumbprint();
    const auto short_code = protocol::short_code(thumbprint);
    const std::string code(short_code.begin(), short_code.end());
    if (!options.out.empty()) {
        TRY(write_new(options.out,
                      write_ceremony_file(FileKind::custodian,
                                          {{"point", Bytes(point.begin(), point.end())}})));
    }
    print(options,
          {{"point", openssl::hex(point)},
           {"thumbprint", openssl::hex(thumbprint)},
           {"short_code", code}},
          "point       " + openssl::hex(point) + "\nthumbprint  " + openssl::hex(thumbprint) +
              "\nshort code  " + code + "\n");
    return {};
}

Outcome<void> sign_provision(const Options& options) {
    TRY_ASSIGN(const auto expectation, expectation_of(options));
    TRY_ASSIGN(const auto key, load_key(options.key));
    TRY_ASSIGN(const auto fields, read_fields(FileKind::provision, options.in));
    TRY_ASSIGN(const auto signature,
               outcome_of(sign_provision(key,
                                         ProvisionPapers{fields.at("device_certificate"),
                                                         fields.at("configuration"),
                                                         fields.at("statement")},
                                         expectation)));
    const auto point = key.point();
    TRY(write_new(options.out,
                  write_ceremony_file(FileKind::provision_signature,
                                      {{"custodian", Bytes(point.begin(), point.end())},
                                       {"signature", signature}})));
    print(options, {{"out", options.out.string()}}, "signed into " + options.out.string() + "\n");
    return {};
}

namespace {

json::array hex_of_new(const auto& list, const auto& than) {
    json::array names;
    for (const auto& each : list) {
        if (std::ranges::find(than, each) == than.end()) {
            names.push_back(json::string(openssl::hex(each)));
        }
    }
    return names;
}

std::string lines_of(std::string_view what, const json::array& names) {
    std::string text;
    for (const auto& name : names) {
        text += std::string(what) + "  " + std::string(name.get_string()) + "\n";
    }
    return text;
}

// What the change does to those whom custodians answer for.
void print_change(const Options& options, const ChangePapers& papers) {
    const auto before = *protocol::decode_tagged<protocol::GroupConfiguration>(papers.before);
    const auto after = *protocol::decode_tagged<protocol::GroupConfiguration>(papers.configuration);
    const auto members = hex_of_new(after.members, before.members);
    const auto no_members = hex_of_new(before.members, after.members);
    const auto custodians = hex_of_new(after.custodians, before.custodians);
    const auto no_custodians = hex_of_new(before.custodians, after.custodians);
    print(options,
          {{"out", options.out.string()},
           {"revision", after.revision},
           {"members_new", members},
           {"members_gone", no_members},
           {"custodians_new", custodians},
           {"custodians_gone", no_custodians},
           {"custodians_needed", after.custodians_needed}},
          lines_of("new member    ", members) + lines_of("member gone   ", no_members) +
              lines_of("new custodian ", custodians) + lines_of("custodian gone", no_custodians) +
              "signed into " + options.out.string() + "\n");
}

}  // namespace

Outcome<void> sign_change(const Options& options) {
    const auto assurance_class = openssl::class_named(options.assurance_class);
    if (!assurance_class) {
        return usage("the class is software, emulated or hardware");
    }
    TRY_ASSIGN(const auto key, load_key(options.key));
    TRY_ASSIGN(const auto fields, read_fields(FileKind::change, options.in));
    const ChangePapers papers{
        fields.at("before"), fields.at("configuration"), fields.at("statement")};
    TRY_ASSIGN(const auto signature, outcome_of(sign_change(key, papers, *assurance_class)));
    const auto point = key.point();
    TRY(write_new(options.out,
                  write_ceremony_file(FileKind::change_signature,
                                      {{"custodian", Bytes(point.begin(), point.end())},
                                       {"signature", signature}})));
    print_change(options, papers);
    return {};
}

Outcome<void> show_words(const Options& options) {
    TRY_ASSIGN(const auto expectation, expectation_of(options));
    TRY_ASSIGN(const auto key, load_key(options.key));
    TRY_ASSIGN(const auto share, find_share(key, options, expectation));
    const auto words = share_words(share);
    print(options, {{"words", words}}, words);
    return {};
}

Outcome<void> reseal(const Options& options) {
    TRY_ASSIGN(const auto expectation, expectation_of(options));
    TRY_ASSIGN(const auto key, load_key(options.key));
    TRY_ASSIGN(const auto share, find_share(key, options, expectation));
    TRY_ASSIGN(const auto fields, read_fields(FileKind::ceremony, options.to));
    const auto live =
        options.no_live_member ? protocol::LiveMember::none : protocol::LiveMember::exists;
    TRY_ASSIGN(const auto sealed,
               outcome_of(seal_inward_share(key, share, papers_of(fields), live, expectation)));
    TRY(write_new(options.out, write_ceremony_file(FileKind::inward_share, {{"share", sealed}})));
    print(options, {{"out", options.out.string()}}, "sealed into " + options.out.string() + "\n");
    return {};
}

}  // namespace hsm::custodian
