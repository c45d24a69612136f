/// What the plan says of each process.

#include <gtest/gtest.h>

#include "builder.hpp"

namespace knell::test {
namespace {

using plan::Effect;

plan::Forecast predicted(const Desk& desk, const std::vector<TaskIndex>& tasks,
                         const char* steps = "TERM:10s,KILL:5s", bool leaves_first = false) {
  plan::Forecast forecast;
  forecast.leaves_first = leaves_first;
  forecast.before = desk.world;
  forecast.steps = plan::parse_steps(steps, {}).value();
  for (TaskIndex task : tasks) {
    plan::ProcessForecast process;
    process.id = desk.world.id(task);
    process.task = task;
    forecast.processes.push_back(process);
  }
  plan::predict(forecast, desk.shell);
  return forecast;
}

std::vector<Effect> effects(const plan::ProcessForecast& process) {
  std::vector<Effect> all;
  for (const plan::StepForecast& step : process.steps) all.push_back(step.effect);
  return all;
}

struct Prepared {
  const char* what;
  void (*prepare)(Desk&, TaskIndex);
  std::vector<Effect> expected;
};

class Predict : public testing::TestWithParam<Prepared> {};

TEST_P(Predict, SaysWhatTermAndThenKillDo) {
  Desk desk;
  const TaskIndex task = desk.process(200, desk.shell, 200, 50);
  GetParam().prepare(desk, task);
  const plan::Forecast forecast = predicted(desk, {task});
  EXPECT_EQ(effects(forecast.processes[0]), GetParam().expected);
}

SighandStruct& handlers(Desk& desk, TaskIndex task) {
  return desk.world[desk.world[task].sighand];
}

const std::vector<Prepared> kPrepared = {
    {"OneThatDoesNotCare", [](Desk&, TaskIndex) {}, {Effect::dies}},
    {"OneThatIgnoresTerm",
     [](Desk& d, TaskIndex t) { handlers(d, t).ignored.add(signals::kTerm); },
     {Effect::ignored, Effect::dies}},
    {"OneThatCatchesTerm",
     [](Desk& d, TaskIndex t) { handlers(d, t).caught.add(signals::kTerm); },
     {Effect::handler, Effect::dies}},
    {"OneThatBlocksTerm",
     [](Desk& d, TaskIndex t) { d.world[t].blocked.add(signals::kTerm); },
     {Effect::blocked, Effect::dies}},
    {"AStoppedOne",
     [](Desk& d, TaskIndex t) { d.world[t].state = TaskState::stopped; },
     {Effect::waits, Effect::dies}},
    {"OneInUninterruptibleSleep",
     [](Desk& d, TaskIndex t) { d.world[t].state = TaskState::disk_sleep; },
     {Effect::waits, Effect::waits}},
    {"ATracedOne",
     [](Desk& d, TaskIndex t) { d.world[t].parent = d.init; },
     {Effect::tracer, Effect::dies}},
    {"AZombie",
     [](Desk& d, TaskIndex t) {
       d.world[t].state = TaskState::zombie;
       d.world.signal_of(t).live = 0;
     },
     {Effect::already_ended}},
    {"AKernelThread",
     [](Desk& d, TaskIndex t) { d.world[t].kernel_thread = true; },
     {Effect::immune, Effect::immune}},
    {"ANamespacesInit",
     [](Desk& d, TaskIndex t) {
       d.world.pid_namespaces = {{NamespaceId(1), d.init, {}},
                                 {NamespaceId(2), t, PidNamespaceIndex(0)}};
       d.world[t].pid_ns = PidNamespaceIndex(1);
       d.world.signal_of(t).unkillable = true;
     },
     {Effect::immune, Effect::dies}},
    {"AnotherUsers",
     [](Desk& d, TaskIndex t) {
       Cred user;
       user.uid = user.euid = user.suid = Uid(1000);
       d.world[d.shell].cred = d.world.add_cred(user);
       d.world[t].cred = d.world.add_cred({});
     },
     {Effect::not_permitted, Effect::not_permitted}}};

INSTANTIATE_TEST_SUITE_P(Of, Predict, testing::ValuesIn(kPrepared),
                         [](const auto& tested) { return std::string(tested.param.what); });

TEST(Forecast, TellsWhoIsOrphanedAndToWhom) {
  Desk desk;
  const TaskIndex parent = desk.process(200, desk.shell, 200, 50);
  const TaskIndex child = desk.process(201, parent, 200, 50);
  const plan::Forecast forecast = predicted(desk, {parent});
  ASSERT_EQ(forecast.orphans.size(), 1U);
  EXPECT_EQ(forecast.orphans[0].id, desk.world.id(child));
  EXPECT_EQ(forecast.orphans[0].new_parent.pid, Pid(1));
}

TEST(Forecast, TellsWhomItsConsequencesReach) {
  Desk desk;
  const TaskIndex parent = desk.process(200, desk.shell, 200, 50);
  const TaskIndex stopped = desk.process(201, parent, 201, 50);
  desk.world[stopped].state = TaskState::stopped;
  const plan::Forecast forecast = predicted(desk, {parent});
  ASSERT_EQ(forecast.consequences.size(), 1U);
  EXPECT_EQ(forecast.consequences[0].id, desk.world.id(stopped));
  EXPECT_EQ(forecast.consequences[0].effect, Effect::dies);
  EXPECT_TRUE(forecast.orphans.empty()) << "it does not live to be one";
}

TEST(Forecast, LeavesTheWorldBeforeAsItWas) {
  Desk desk;
  const TaskIndex task = desk.process(200, desk.shell, 200, 50);
  const plan::Forecast forecast = predicted(desk, {task});
  EXPECT_EQ(forecast.before, desk.world);
  EXPECT_NE(forecast.after, desk.world);
}

TEST(Forecast, SumsWhatTheEndGivesBack) {
  Desk desk;
  const TaskIndex one = desk.process(200, desk.shell, 200, 50);
  const TaskIndex two = desk.process(201, one, 200, 50);
  desk.world.mms = {{.private_bytes = 1000}, {.private_bytes = 24}};
  desk.world[one].mm = MmIndex(0);
  desk.world[two].mm = MmIndex(1);
  const OpenFile listening{3, FileKind::socket, {0, 77}, "socket:[77]"};
  const OpenFile connected{4, FileKind::socket, {0, 78}, "socket:[78]"};
  desk.world.files = {{.open = {listening, connected}}, {.open = {listening}}};
  desk.world[one].files = FilesIndex(0);
  desk.world[two].files = FilesIndex(1);
  desk.world.sockets = {
      {Inode(77), Protocol::tcp, SocketState::listening, "0.0.0.0", 80, "", 0},
      {Inode(78), Protocol::tcp, SocketState::established, "10.0.0.1", 80, "10.0.0.2", 5555}};
  desk.world.locks = {{FileLock::Type::flock, true, Pid(201), {1, 2}},
                      {FileLock::Type::flock, true, Pid(50), {1, 3}}};
  plan::Forecast forecast = predicted(desk, {one, two});
  plan::give_back(forecast);
  EXPECT_EQ(forecast.private_bytes, 1024U);
  EXPECT_EQ(forecast.open_files, 3U);
  ASSERT_EQ(forecast.ports.size(), 1U) << "two processes share one listening socket";
  EXPECT_EQ(forecast.ports[0].port, 80);
  ASSERT_EQ(forecast.connections.size(), 1U);
  EXPECT_EQ(forecast.connections[0].remote_port, 5555);
  ASSERT_EQ(forecast.locks.size(), 1U);
  EXPECT_EQ(forecast.locks[0].owner.pid, Pid(201));
}

TEST(Restarters, AreTheUnitItsTriggersTheContainerAndTheSupervisor) {
  Desk desk;
  const TaskIndex runsv = desk.process(150, desk.init, 150, 150);
  desk.world[runsv].comm = "runsv";
  const TaskIndex task = desk.process(200, runsv, 200, 150);
  desk.world.details_of(runsv).cgroup = "/system.slice";
  desk.world.details_of(task).cgroup = "/system.slice/docker-0a1b.scope";
  desk.world.units = {{"web.service", "/system.slice/docker-0a1b.scope", "always", {"web.socket"}},
                      {"other.service", "/system.slice/other.service", "always", {}}};
  plan::Forecast forecast = predicted(desk, {task});
  plan::find_restarters(forecast);
  ASSERT_EQ(forecast.restarters.size(), 4U);
  EXPECT_EQ(forecast.restarters[0].how, "Restart=always");
  EXPECT_EQ(forecast.restarters[1].name, "web.socket");
  EXPECT_EQ(forecast.restarters[2].name, "docker");
  EXPECT_EQ(forecast.restarters[3].process->pid, Pid(150));
}

TEST(Subreapers, ShowByTheirAdoptedChildren) {
  Desk desk;
  const TaskIndex manager = desk.process(200, desk.shell, 200, 50);
  const TaskIndex plain = desk.process(201, desk.shell, 201, 50);
  desk.process(202, manager, 190, 190);  // of a session that neither of them made
  desk.process(203, plain, 203, 203);    // made its own
  plan::deduce_subreapers(desk.world);
  EXPECT_TRUE(desk.world.signal_of(manager).child_subreaper);
  EXPECT_FALSE(desk.world.signal_of(plain).child_subreaper);
}

TEST(WholeName, IsLongerThanTheKernelKeeps) {
  Desk desk;
  const TaskIndex task = desk.process(200, desk.shell, 200, 50);
  desk.world[task].comm = "a-very-long-nam";
  desk.world.details_of(task).exe = "/opt/a-very-long-name-indeed";
  EXPECT_EQ(plan::whole_name(desk.world, task), "a-very-long-name-indeed");
  desk.world.details_of(task).exe = "/usr/bin/python3.11";
  desk.world.details_of(task).cmdline = std::string("/x/a-very-long-name\0-v\0", 23);
  EXPECT_EQ(plan::whole_name(desk.world, task), "a-very-long-name");
  desk.world[task].comm = "renamed";
  EXPECT_EQ(plan::whole_name(desk.world, task), "renamed");
}

TEST(Steps, AreReadAsTyped) {
  using namespace std::chrono_literals;
  const auto steps = plan::parse_steps("TERM:10s,INT:500ms,KILL", 7s).value();
  ASSERT_EQ(steps.size(), 3U);
  EXPECT_EQ(steps[0], (plan::Step{signals::kTerm, 10s}));
  EXPECT_EQ(steps[1], (plan::Step{signals::kInt, 500ms}));
  EXPECT_EQ(steps[2], (plan::Step{signals::kKill, 7s}));
  for (const char* wrong : {"", "TERM,", "TERM:", "TERM:x", "NOPE", "0", ":5s"})
    EXPECT_FALSE(plan::parse_steps(wrong, 1s).has_value()) << wrong;
}

/// Whom TERM reaches first: by pid.
std::vector<int> reached(bool leaves_first) {
  Desk desk;
  const TaskIndex parent = desk.process(200, desk.shell, 200, 50);
  const TaskIndex child = desk.process(201, parent, 200, 50);
  const plan::Forecast forecast = predicted(desk, {parent, child}, "TERM:5s", leaves_first);
  std::vector<int> pids;
  for (const Event& event : forecast.events)
    if (event.kind == Event::Kind::signal_generate && event.signal == signals::kTerm)
      pids.push_back(forecast.before[event.task].pid.value());
  return pids;
}

TEST(SendingOrder, IsTheOrderThatIsAskedFor) {
  EXPECT_EQ(reached(false), (std::vector{200, 201}));
  EXPECT_EQ(reached(true), (std::vector{201, 200}));
}

}  // namespace
}  // namespace knell::test
