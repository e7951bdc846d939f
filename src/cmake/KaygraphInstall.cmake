# Headers, libraries, a CMake package with a component for each layer, a pkg-config file.
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
configure_package_config_file(
    "${PROJECT_SOURCE_DIR}/src/cmake/kaygraphConfig.cmake.in" "${PROJECT_BINARY_DIR}/kaygraphConfig.cmake"
    INSTALL_DESTINATION "${package_folder}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/kaygraphConfigVersion.cmake"
    COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/kaygraphConfig.cmake"
              "${PROJECT_BINARY_DIR}/kaygraphConfigVersion.cmake"
        DESTINATION "${package_folder}")

# pkg-config: the layers in link order, the highest first. A static library needs its own libraries named.
set(KAYGRAPH_PC_LIBS "")
foreach(layer IN LISTS layers)
    if(NOT layer STREQUAL "kaygraph")
        string(PREPEND KAYGRAPH_PC_LIBS " -l${layer}")
    endif()
endforeach()
set(KAYGRAPH_PC_PRIVATE "${OpenMP_CXX_FLAGS} -lz -lzstd")
if(NOT BUILD_SHARED_LIBS)
    string(APPEND KAYGRAPH_PC_LIBS " ${KAYGRAPH_PC_PRIVATE}")
endif()
set(KAYGRAPH_PC_CFLAGS "")
if(KAYGRAPH_WITH_MPI)
    set(KAYGRAPH_PC_CFLAGS " -DKAYGRAPH_WITH_MPI -DOMPI_SKIP_MPICXX -DMPICH_SKIP_MPICXX")
    foreach(folder IN LISTS MPI_CXX_INCLUDE_DIRS)
        string(APPEND KAYGRAPH_PC_CFLAGS " -I${folder}")
    endforeach()
    list(JOIN MPI_CXX_LIBRARIES " " mpi_libraries)
    string(APPEND KAYGRAPH_PC_LIBS " ${mpi_libraries}")
endif()
# Relative to itself, so that an installed tree may be moved.
file(RELATIVE_PATH KAYGRAPH_PC_PREFIX "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
configure_file("${PROJECT_SOURCE_DIR}/src/cmake/kaygraph.pc.in" "${PROJECT_BINARY_DIR}/kaygraph.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/kaygraph.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
