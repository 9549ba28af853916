#pragma once

#include <string>
#include <vector>

#include "cloudsign/store/enclosure_table.h"
#include "server/api/context.h"
#include "server/api/csc/parameters.h"

namespace server::api::csc {

// Ours: what the signer's phone may show beside the labels of authorize's `documents`. Whether it
// belongs to the hashes is for the phone to find out, which has to in any case.
class Enclosures {
public:
    // A list that Parameters::labels() has found good, for these hashes of a credential of this
    // client's: [{document, signed_attributes}] with the documents themselves, [{preparedID}] with
    // what documents/prepare has made. Of the prepared ones it takes those that the phone can
    // check, which are PDFs, as long as there is room; the others have their labels.
    // "Invalid parameter documents", "Invalid parameter preparedID" for one that is not this
    // client's, not of this credential or gone; a sentence where it is finished or of another hash.
    static Checked<Enclosures> read(Context& context,
                                    const Principal& principal,
                                    const Parameters& parameters,
                                    const std::string& credential_id,
                                    const std::vector<cloudsign::Bytes>& hashes);

    bool empty() const { return sent_.empty() && prepared_.empty(); }
    // Whether any is of documents/prepare, whose hashes are to be signed as they are.
    bool has_prepared() const { return has_prepared_; }

    // In the commit that opens the transaction.
    cloudsign::Result<void> insert(cloudsign::store::Session& session,
                                   const std::string& transaction_id) const;

private:
    struct Prepared {
        std::uint32_t position = 0;
        std::string id;
    };

    std::vector<cloudsign::store::Enclosure> sent_;
    std::vector<Prepared> prepared_;
    bool has_prepared_ = false;
};

}  // namespace server::api::csc
