#include <kaygraph/parallel/launcher.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace kaygraph {
namespace {

/// An environment without launchers, in which tests put what they say. Afterwards it is as it was.
class Launcher : public testing::Test {
protected:
    Launcher() {
        for (const char* name :
             {"OMPI_COMM_WORLD_RANK",
              "OMPI_COMM_WORLD_SIZE",
              "MV2_COMM_WORLD_RANK",
              "MV2_COMM_WORLD_SIZE",
              "PMI_RANK",
              "PMI_SIZE",
              "PMIX_RANK",
              "PALS_RANKID",
              "JSM_NAMESPACE_RANK",
              "JSM_NAMESPACE_SIZE",
              "FLUX_TASK_RANK",
              "FLUX_JOB_SIZE",
              "ALPS_APP_PE",
              "SLURM_PROCID",
              "SLURM_NTASKS",
              "SLURM_STEP_ID",
              "SLURM_STEP_NUM_TASKS"}) {
            const char* value = std::getenv(name);
            before_.emplace(
                name, value == nullptr ? std::nullopt : std::optional<std::string>{value}
            );
            unsetenv(name);
        }
    }
    ~Launcher() override {
        for (const auto& [name, value] : before_) {
            value ? setenv(name.c_str(), value->c_str(), 1) : unsetenv(name.c_str());
        }
    }

    static void set(std::initializer_list<std::pair<const char*, const char*>> variables) {
        for (const auto& variable : variables) {
            setenv(variable.first, variable.second, 1);
        }
    }

private:
    std::map<std::string, std::optional<std::string>> before_;
};

TEST_F(Launcher, WithoutAnyThisProcessIsNoTask) {
    EXPECT_FALSE(launched_task());
    EXPECT_EQ(describe_lone_task(launched_task(), 1, "Open MPI"), "");
}

TEST_F(Launcher, TasksOfMpirunsAreKnown) {
    set({{"OMPI_COMM_WORLD_RANK", "1"}, {"OMPI_COMM_WORLD_SIZE", "2"}, {"PMIX_RANK", "1"}});
    ASSERT_TRUE(launched_task());
    EXPECT_EQ(launched_task()->rank, 1);
    EXPECT_EQ(launched_task()->n_tasks, 2);
    const std::string said = describe_lone_task(launched_task(), 1, "MPICH 4.0.2");
    for (const char* text :
         {"mpirun of Open MPI", "task 1 of 2", "OMPI_COMM_WORLD_SIZE", "MPICH 4.0.2"}) {
        EXPECT_NE(said.find(text), std::string::npos) << said;
    }
    EXPECT_EQ(describe_lone_task(launched_task(), 2, "Open MPI v4.1.4"), "");
    EXPECT_NE(describe_lone_task(launched_task(), 1, "").find("no MPI"), std::string::npos);
}

TEST_F(Launcher, OneTaskIsAlone) {
    set({{"PMI_RANK", "0"}, {"PMI_SIZE", "1"}});
    ASSERT_TRUE(launched_task());
    EXPECT_EQ(describe_lone_task(launched_task(), 1, "MPICH"), "");
}

TEST_F(Launcher, TasksOfSrunAreKnownWhateverMpiItWasGiven) {
    set(
        {{"SLURM_PROCID", "0"},
         {"SLURM_NTASKS", "2"},
         {"SLURM_STEP_ID", "0"},
         {"SLURM_STEP_NUM_TASKS", "2"}}
    );
    ASSERT_TRUE(launched_task());
    EXPECT_EQ(launched_task()->n_tasks, 2);
    EXPECT_NE(
        describe_lone_task(launched_task(), 1, "Open MPI").find("srun --mpi=list"),
        std::string::npos
    );
    set({{"PMIX_RANK", "0"}});  // PMIx does not tell how many there are
    EXPECT_EQ(launched_task()->n_tasks, 2);
}

TEST_F(Launcher, ABatchScriptIsNoTask) {
    set({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "4"}});
    EXPECT_FALSE(launched_task());
    // what a script inherits that was submitted in a step of another size
    set({{"SLURM_STEP_ID", "5"}, {"SLURM_STEP_NUM_TASKS", "2"}});
    EXPECT_FALSE(launched_task());
    set({{"SLURM_PROCID", "3"}});  // this one is not the script
    EXPECT_TRUE(launched_task());
}

TEST_F(Launcher, AShellOfSallocIsNoTask) {
    set({{"SLURM_NTASKS", "4"}});
    EXPECT_FALSE(launched_task());
    set({{"SLURM_PROCID", "0"}, {"SLURM_STEP_ID", "4294967290"}, {"SLURM_STEP_NUM_TASKS", "1"}});
    EXPECT_FALSE(launched_task());
}

TEST_F(Launcher, RanksOfAnMpirunInsideAStepAreItsOwn) {
    // mpirun starts its daemons with srun, one a node; this one has a single rank on two nodes
    set(
        {{"SLURM_PROCID", "1"},
         {"SLURM_NTASKS", "2"},
         {"SLURM_STEP_ID", "3"},
         {"SLURM_STEP_NUM_TASKS", "2"},
         {"OMPI_COMM_WORLD_RANK", "0"},
         {"OMPI_COMM_WORLD_SIZE", "1"},
         {"PMIX_RANK", "0"}}
    );
    ASSERT_TRUE(launched_task());
    EXPECT_EQ(launched_task()->n_tasks, 1);
}

TEST_F(Launcher, AHigherRankTellsThatThereAreOthers) {
    set({{"PMIX_RANK", "2"}});
    ASSERT_TRUE(launched_task());
    EXPECT_EQ(launched_task()->n_tasks, 3);
    EXPECT_FALSE(launched_task()->is_exact);
}

TEST_F(Launcher, WhatIsNoNumberIsNotThere) {
    set(
        {{"PMI_RANK", "first"},
         {"PMI_SIZE", "-2"},
         {"OMPI_COMM_WORLD_SIZE", "99999999999999999999"}}
    );
    EXPECT_FALSE(launched_task());
}

}  // namespace
}  // namespace kaygraph
