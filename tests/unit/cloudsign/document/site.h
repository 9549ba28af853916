#pragma once

#include "tests/unit/cloudsign/document/judges.h"
#include "tests/unit/cloudsign/document/people.h"

namespace cloudsign::document {

// An authority, two people of it, and judges that believe it: once for a whole test program, since
// keys and NSS's store take their time.
struct Site {
    Authority authority;
    Person an{authority, "Nguyễn Văn A", 2};
    Person binh{authority, "Trần Thị Bình", 3, hsm::protocol::KeyType::rsa2048};
    Judges judges{authority.certificate()};
};

inline Site& site() {
    static Site made;
    return made;
}

}  // namespace cloudsign::document
