# kaygraph_mpi_family(<variable> <language>): which MPI was found: "Open MPI", "MPICH" (with its relatives of the same binary
# interface: Intel, MVAPICH, Cray), or "other". Used where the library is built, and where it is used: a program must be
# linked with an MPI of the family that the library was built with.
include(CheckSourceCompiles)

function(kaygraph_mpi_family variable language)
    set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)  # headers alone decide
    set(CMAKE_REQUIRED_LIBRARIES MPI::MPI_${language})
    set(CMAKE_REQUIRED_QUIET TRUE)
    set(is_open_mpi "defined(OPEN_MPI)")
    set(is_mpich "defined(MPICH_VERSION) || defined(I_MPI_VERSION) || defined(MVAPICH_VERSION) || defined(MVAPICH2_VERSION) || defined(CRAY_MPICH_VERSION)")
    set(family other)
    foreach(candidate open_mpi mpich)
        unset(KAYGRAPH_IS_${candidate} CACHE)  # another MPI may have been found this time
        check_source_compiles(${language}
            "#include <mpi.h>\n#if !(${is_${candidate}})\n#error another one\n#endif\nint kaygraph_mpi_family;\n"
            KAYGRAPH_IS_${candidate})
        if(KAYGRAPH_IS_${candidate})
            set(family ${candidate})
        endif()
        unset(KAYGRAPH_IS_${candidate} CACHE)
    endforeach()
    string(REPLACE "open_mpi" "Open MPI" family "${family}")
    string(REPLACE "mpich" "MPICH" family "${family}")
    set(${variable} "${family}" PARENT_SCOPE)
endfunction()
