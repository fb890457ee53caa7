/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The record tools: one program, which does what the name says that it is called by. */
int ra_main(int argc, char **argv);
int rabins_main(int argc, char **argv);
int racluster_main(int argc, char **argv);
int racount_main(int argc, char **argv);
int radark_main(int argc, char **argv);
int rafilteraddr_main(int argc, char **argv);
int rahosts_main(int argc, char **argv);
int raports_main(int argc, char **argv);
int rasort_main(int argc, char **argv);
int rasplit_main(int argc, char **argv);
int rastream_main(int argc, char **argv);
int rastrip_main(int argc, char **argv);
int ratimerange_main(int argc, char **argv);
