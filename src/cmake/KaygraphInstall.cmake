# Headers, libraries, a CMake package with a component for each layer, a pkg-config file. What is installed may be moved.
include(CMakePackageConfigHelpers)

get_property(layers GLOBAL PROPERTY KAYGRAPH_LAYERS)
install(TARGETS ${layers} EXPORT kaygraphTargets
    FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
    FILE_SET adaptors DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
    LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
set(package_folder "${CMAKE_INSTALL_LIBDIR}/cmake/kaygraph")
install(EXPORT kaygraphTargets NAMESPACE kaygraph:: DESTINATION "${package_folder}")

list(TRANSFORM layers REPLACE "^kaygraph_" "" OUTPUT_VARIABLE KAYGRAPH_COMPONENTS)
get_filename_component(KAYGRAPH_MPI_COMPILER_HINT "${MPI_CXX_COMPILER}" NAME)
string(REPLACE " " "" suffix ".${KAYGRAPH_MPI_FAMILY}")
string(TOLOWER "${suffix}" suffix)
if(EXISTS "${MPI_CXX_COMPILER}${suffix}")  # Debian: the plain name is that of the MPI one has chosen
    string(APPEND KAYGRAPH_MPI_COMPILER_HINT "${suffix}")
endif()
configure_package_config_file(
    "${PROJECT_SOURCE_DIR}/src/cmake/kaygraphConfig.cmake.in" "${PROJECT_BINARY_DIR}/kaygraphConfig.cmake"
    INSTALL_DESTINATION "${package_folder}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/kaygraphConfigVersion.cmake"
    COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/kaygraphConfig.cmake"
              "${PROJECT_BINARY_DIR}/kaygraphConfigVersion.cmake"
              "${PROJECT_SOURCE_DIR}/src/cmake/KaygraphDependencies.cmake"
              "${PROJECT_SOURCE_DIR}/src/cmake/KaygraphMpi.cmake"
        DESTINATION "${package_folder}")

# pkg-config: the layers in link order, the highest first. A static library needs its own libraries named; a shared one is
# found by the program where it was linked.
set(KAYGRAPH_PC_REQUIRES "")
set(KAYGRAPH_PC_LIBS "")
foreach(layer IN LISTS layers)
    if(NOT layer STREQUAL "kaygraph")
        string(PREPEND KAYGRAPH_PC_LIBS " -l${layer}")
        if(NOT BUILD_SHARED_LIBS)
            string(APPEND hidden_archives ":lib${layer}.a")
        endif()
    endif()
endforeach()
set(KAYGRAPH_PC_CFLAGS "")
if(KAYGRAPH_CHECK_LEVEL STREQUAL "hot")
    string(APPEND KAYGRAPH_PC_CFLAGS " -DKAYGRAPH_CHECK_HOT")
endif()
if(BUILD_SHARED_LIBS)
    string(PREPEND KAYGRAPH_PC_LIBS " -Wl,-rpath,\${libdir}")  # first: pkgconf escapes it there alone
    string(APPEND KAYGRAPH_PC_CFLAGS " -DKAYGRAPH_SHARED")
else()
    set(KAYGRAPH_PC_REQUIRES "zlib libzstd libutf8proc")
    string(SUBSTRING "${hidden_archives}" 1 -1 hidden_archives)
    string(PREPEND KAYGRAPH_PC_LIBS " -Wl,--exclude-libs,${hidden_archives}")
    if(KAYGRAPH_OPENMP_RUNTIME_NAME STREQUAL "gomp")
        string(APPEND KAYGRAPH_PC_LIBS " -fopenmp")  # whatever compiler: others' runtimes serve code of gcc, too
    else()
        get_filename_component(folder "${OpenMP_${KAYGRAPH_OPENMP_RUNTIME_NAME}_LIBRARY}" DIRECTORY)
        string(APPEND KAYGRAPH_PC_LIBS " -L${folder} -l${KAYGRAPH_OPENMP_RUNTIME_NAME}")
    endif()
endif()
if(KAYGRAPH_WITH_MPI)
    string(APPEND KAYGRAPH_PC_CFLAGS " -DKAYGRAPH_WITH_MPI ${KAYGRAPH_MPI_DEFINITION} -DOMPI_SKIP_MPICXX -DMPICH_SKIP_MPICXX")
    foreach(folder IN LISTS MPI_CXX_INCLUDE_DIRS)
        string(APPEND KAYGRAPH_PC_CFLAGS " -I${folder}")
    endforeach()
    list(JOIN MPI_CXX_LIBRARIES " " mpi_libraries)
    string(APPEND KAYGRAPH_PC_LIBS " ${mpi_libraries}")
endif()
# Relative to itself, so that an installed tree may be moved.
file(RELATIVE_PATH KAYGRAPH_PC_PREFIX "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
string(REGEX REPLACE "/+$" "" KAYGRAPH_PC_PREFIX "${KAYGRAPH_PC_PREFIX}")
file(RELATIVE_PATH KAYGRAPH_PC_LIBDIR "${CMAKE_INSTALL_PREFIX}" "${CMAKE_INSTALL_FULL_LIBDIR}")
file(RELATIVE_PATH KAYGRAPH_PC_INCLUDEDIR "${CMAKE_INSTALL_PREFIX}" "${CMAKE_INSTALL_FULL_INCLUDEDIR}")
configure_file("${PROJECT_SOURCE_DIR}/src/cmake/kaygraph.pc.in" "${PROJECT_BINARY_DIR}/kaygraph.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/kaygraph.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
