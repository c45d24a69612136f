/// The document of `knell android list`, and that docs/android.schema.json describes it.

#include "knell/report/android_text.hpp"
#include "schema.hpp"

namespace knell::report {
namespace {

class AndroidSchema : public samples::Schema {
protected:
  AndroidSchema() : samples::Schema("android.schema.json") {}

  static ListedGroup group(std::string name) {
    return {{Uid(10057), Pid(4711),
             live::Cgroup("/sys/fs/cgroup/uid_10057/pid_4711", live::Cgroup::Version::v2)},
            {{Pid(4711), std::move(name)}, {Pid(4712), ""}}};
  }
};

TEST_F(AndroidSchema, DescribesEveryDocument) {
  EXPECT_EQ(check("plain", {listed_json({}), listed_json({group("app"), group("a\xff\x1b")})}),
            "ok 0\n");
}

TEST_F(AndroidSchema, RefusesADocumentWithAMemberTakenAddedOrOfAnotherType) {
  const std::string said = check("mutate", {listed_json({group("app")})});
  ASSERT_TRUE(said.starts_with("ok ")) << said;
  EXPECT_GT(std::stoi(said.substr(3)), 20) << said;
}

}  // namespace
}  // namespace knell::report
