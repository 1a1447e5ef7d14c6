;;! emit = builtins
(module)

;; ==>
;; ; memory_copy
;; function u3:0(i64 vmctx, i64, i64, i64, i64, i64) tail {
;; block0(v0: i64, v1: i64, v2: i64, v3: i64, v4: i64, v5: i64):
;;     v6 = load.i64 notrap aligned runtime v1+8
;;     v7 = icmp ugt v5, v6
;;     trapnz v7, heap_oob
;;     v8 = isub v6, v5
;;     v9 = icmp ugt v3, v8
;;     trapnz v9, heap_oob
;;     v10 = load.i64 notrap aligned readonly can_move runtime v1
;;     v11 = iadd v10, v3
;;     v12 = load.i64 notrap aligned runtime v2+8
;;     v13 = icmp ugt v5, v12
;;     trapnz v13, heap_oob
;;     v14 = isub v12, v5
;;     v15 = icmp ugt v4, v14
;;     trapnz v15, heap_oob
;;     v16 = load.i64 notrap aligned readonly can_move runtime v2
;;     v17 = iadd v16, v4
;;     v18 = iconst.i64 16
;;     v19 = icmp ult v5, v18
;;     brif v19, block1, block2
;;
;; block1:
;;     v20 = iconst.i64 8
;;     v21 = icmp.i64 uge v5, v20
;;     brif v21, block3, block4
;;
;; block3:
;;     v22 = iadd.i64 v11, v5
;;     v23 = iconst.i64 -8
;;     v24 = iadd v22, v23
;;     v25 = iadd.i64 v17, v5
;;     v26 = iconst.i64 -8
;;     v27 = iadd v25, v26
;;     v28 = load.i64 notrap little heap v17
;;     v29 = load.i64 notrap little heap v27
;;     store notrap little heap v28, v11
;;     store notrap little heap v29, v24
;;     return
;;
;; block4:
;;     v30 = iconst.i64 4
;;     v31 = icmp.i64 uge v5, v30
;;     brif v31, block5, block6
;;
;; block5:
;;     v32 = iadd.i64 v11, v5
;;     v33 = iconst.i64 -4
;;     v34 = iadd v32, v33
;;     v35 = iadd.i64 v17, v5
;;     v36 = iconst.i64 -4
;;     v37 = iadd v35, v36
;;     v38 = uload32.i64 notrap little heap v17
;;     v39 = uload32.i64 notrap little heap v37
;;     istore32 notrap little heap v38, v11
;;     istore32 notrap little heap v39, v34
;;     return
;;
;; block6:
;;     v40 = iconst.i64 2
;;     v41 = icmp.i64 uge v5, v40
;;     brif v41, block7, block8
;;
;; block7:
;;     v42 = iadd.i64 v11, v5
;;     v43 = iconst.i64 -2
;;     v44 = iadd v42, v43
;;     v45 = iadd.i64 v17, v5
;;     v46 = iconst.i64 -2
;;     v47 = iadd v45, v46
;;     v48 = uload16.i64 notrap little heap v17
;;     v49 = uload16.i64 notrap little heap v47
;;     istore16 notrap little heap v48, v11
;;     istore16 notrap little heap v49, v44
;;     return
;;
;; block8:
;;     v50 = iconst.i64 1
;;     v51 = icmp.i64 uge v5, v50
;;     brif v51, block9, block10
;;
;; block9:
;;     v52 = iadd.i64 v11, v5
;;     v53 = iconst.i64 -1
;;     v54 = iadd v52, v53
;;     v55 = iadd.i64 v17, v5
;;     v56 = iconst.i64 -1
;;     v57 = iadd v55, v56
;;     v58 = uload8.i64 notrap little heap v17
;;     v59 = uload8.i64 notrap little heap v57
;;     istore8 notrap little heap v58, v11
;;     istore8 notrap little heap v59, v54
;;     return
;;
;; block10:
;;     return
;;
;; block2:
;;     v60 = iconst.i64 32
;;     v61 = icmp.i64 ule v5, v60
;;     brif v61, block11, block12
;;
;; block11:
;;     v62 = iadd.i64 v11, v5
;;     v63 = iconst.i64 -16
;;     v64 = iadd v62, v63
;;     v65 = iadd.i64 v17, v5
;;     v66 = iconst.i64 -16
;;     v67 = iadd v65, v66
;;     v68 = load.i64x2 notrap little heap v17
;;     v69 = load.i64x2 notrap little heap v67
;;     store notrap little heap v68, v11
;;     store notrap little heap v69, v64
;;     return
;;
;; block12:
;;     v70 = iconst.i64 64
;;     v71 = icmp.i64 ule v5, v70
;;     brif v71, block13, block14
;;
;; block13:
;;     v72 = iadd.i64 v11, v5
;;     v73 = iconst.i64 -32
;;     v74 = iadd v72, v73
;;     v75 = iadd.i64 v17, v5
;;     v76 = iconst.i64 -32
;;     v77 = iadd v75, v76
;;     v78 = load.i64x2 notrap little heap v17
;;     v79 = load.i64x2 notrap little heap v17+16
;;     v80 = load.i64x2 notrap little heap v77
;;     v81 = load.i64x2 notrap little heap v77+16
;;     store notrap little heap v78, v11
;;     store notrap little heap v79, v11+16
;;     store notrap little heap v80, v74
;;     store notrap little heap v81, v74+16
;;     return
;;
;; block14:
;;     v82 = iconst.i64 128
;;     v83 = icmp.i64 ule v5, v82
;;     brif v83, block15, block16
;;
;; block15:
;;     v84 = iadd.i64 v11, v5
;;     v85 = iconst.i64 -64
;;     v86 = iadd v84, v85
;;     v87 = iadd.i64 v17, v5
;;     v88 = iconst.i64 -64
;;     v89 = iadd v87, v88
;;     v90 = load.i64x2 notrap little heap v17
;;     v91 = load.i64x2 notrap little heap v17+16
;;     v92 = load.i64x2 notrap little heap v17+32
;;     v93 = load.i64x2 notrap little heap v17+48
;;     v94 = load.i64x2 notrap little heap v89
;;     v95 = load.i64x2 notrap little heap v89+16
;;     v96 = load.i64x2 notrap little heap v89+32
;;     v97 = load.i64x2 notrap little heap v89+48
;;     store notrap little heap v90, v11
;;     store notrap little heap v91, v11+16
;;     store notrap little heap v92, v11+32
;;     store notrap little heap v93, v11+48
;;     store notrap little heap v94, v86
;;     store notrap little heap v95, v86+16
;;     store notrap little heap v96, v86+32
;;     store notrap little heap v97, v86+48
;;     return
;;
;; block16:
;;     v98 = isub.i64 v11, v17
;;     v99 = icmp uge v98, v5
;;     brif v99, block17, block18
;;
;; block17:
;;     v100 = load.i64x2 notrap little heap v17
;;     v101 = iadd.i64 v17, v5
;;     v102 = iconst.i64 -64
;;     v103 = iadd v101, v102
;;     v104 = load.i64x2 notrap little heap v103
;;     v105 = load.i64x2 notrap little heap v103+16
;;     v106 = load.i64x2 notrap little heap v103+32
;;     v107 = load.i64x2 notrap little heap v103+48
;;     v108 = iadd.i64 v11, v5
;;     v109 = iconst.i64 -64
;;     v110 = iadd v108, v109
;;     v111 = isub.i64 v17, v11
;;     v112 = iconst.i64 -16
;;     v113 = band.i64 v11, v112
;;     v114 = iconst.i64 16
;;     v115 = iadd v113, v114
;;     jump block19(v115)
;;
;; block19(v116: i64):
;;     v117 = iadd v116, v111
;;     v118 = load.i64x2 notrap little heap v117
;;     v119 = load.i64x2 notrap little heap v117+16
;;     v120 = load.i64x2 notrap little heap v117+32
;;     v121 = load.i64x2 notrap little heap v117+48
;;     store notrap little heap v118, v116
;;     store notrap little heap v119, v116+16
;;     store notrap little heap v120, v116+32
;;     store notrap little heap v121, v116+48
;;     v122 = iconst.i64 64
;;     v123 = iadd v116, v122
;;     v124 = icmp ult v123, v110
;;     brif v124, block19(v123), block20
;;
;; block20:
;;     store.i64x2 notrap little heap v100, v11
;;     store.i64x2 notrap little heap v104, v110
;;     store.i64x2 notrap little heap v105, v110+16
;;     store.i64x2 notrap little heap v106, v110+32
;;     store.i64x2 notrap little heap v107, v110+48
;;     return
;;
;; block18:
;;     v125 = iadd.i64 v17, v5
;;     v126 = iconst.i64 -16
;;     v127 = iadd v125, v126
;;     v128 = load.i64x2 notrap little heap v127
;;     v129 = load.i64x2 notrap little heap v17
;;     v130 = load.i64x2 notrap little heap v17+16
;;     v131 = load.i64x2 notrap little heap v17+32
;;     v132 = load.i64x2 notrap little heap v17+48
;;     v133 = isub.i64 v17, v11
;;     v134 = iadd.i64 v11, v5
;;     v135 = iconst.i64 -1
;;     v136 = iadd v134, v135
;;     v137 = iconst.i64 -16
;;     v138 = band v136, v137
;;     v139 = iconst.i64 -64
;;     v140 = iadd v138, v139
;;     jump block21(v140)
;;
;; block21(v141: i64):
;;     v142 = iadd v141, v133
;;     v143 = load.i64x2 notrap little heap v142
;;     v144 = load.i64x2 notrap little heap v142+16
;;     v145 = load.i64x2 notrap little heap v142+32
;;     v146 = load.i64x2 notrap little heap v142+48
;;     store notrap little heap v143, v141
;;     store notrap little heap v144, v141+16
;;     store notrap little heap v145, v141+32
;;     store notrap little heap v146, v141+48
;;     v147 = iconst.i64 -64
;;     v148 = iadd v141, v147
;;     v149 = icmp ugt v148, v11
;;     brif v149, block21(v148), block22
;;
;; block22:
;;     v150 = iadd.i64 v11, v5
;;     v151 = iconst.i64 -16
;;     v152 = iadd v150, v151
;;     store.i64x2 notrap little heap v128, v152
;;     store.i64x2 notrap little heap v129, v11
;;     store.i64x2 notrap little heap v130, v11+16
;;     store.i64x2 notrap little heap v131, v11+32
;;     store.i64x2 notrap little heap v132, v11+48
;;     return
;; }
;;
;; ; memory_fill
;; function u3:1(i64 vmctx, i64, i64, i32, i64) tail {
;; block0(v0: i64, v1: i64, v2: i64, v3: i32, v4: i64):
;;     v5 = load.i64 notrap aligned runtime v1+8
;;     v6 = icmp ugt v4, v5
;;     trapnz v6, heap_oob
;;     v7 = isub v5, v4
;;     v8 = icmp ugt v2, v7
;;     trapnz v8, heap_oob
;;     v9 = load.i64 notrap aligned readonly can_move runtime v1
;;     v10 = iadd v9, v2
;;     v11 = uextend.i64 v3
;;     v12 = iconst.i64 255
;;     v13 = band v11, v12
;;     v14 = iconst.i64 0x0101_0101_0101_0101
;;     v15 = imul v13, v14
;;     v16 = iconcat v15, v15
;;     v17 = bitcast.i64x2 little v16
;;     v18 = iconst.i64 16
;;     v19 = icmp ult v4, v18
;;     brif v19, block1, block2
;;
;; block1:
;;     v20 = iconst.i64 8
;;     v21 = icmp.i64 uge v4, v20
;;     brif v21, block3, block4
;;
;; block3:
;;     store.i64 notrap little heap v15, v10
;;     v22 = iadd.i64 v10, v4
;;     v23 = iconst.i64 -8
;;     v24 = iadd v22, v23
;;     store.i64 notrap little heap v15, v24
;;     return
;;
;; block4:
;;     v25 = iconst.i64 4
;;     v26 = icmp.i64 uge v4, v25
;;     brif v26, block5, block6
;;
;; block5:
;;     istore32.i64 notrap little heap v15, v10
;;     v27 = iadd.i64 v10, v4
;;     v28 = iconst.i64 -4
;;     v29 = iadd v27, v28
;;     istore32.i64 notrap little heap v15, v29
;;     return
;;
;; block6:
;;     v30 = iconst.i64 2
;;     v31 = icmp.i64 uge v4, v30
;;     brif v31, block7, block8
;;
;; block7:
;;     istore16.i64 notrap little heap v15, v10
;;     v32 = iadd.i64 v10, v4
;;     v33 = iconst.i64 -2
;;     v34 = iadd v32, v33
;;     istore16.i64 notrap little heap v15, v34
;;     return
;;
;; block8:
;;     v35 = iconst.i64 1
;;     v36 = icmp.i64 uge v4, v35
;;     brif v36, block9, block10
;;
;; block9:
;;     istore8.i64 notrap little heap v15, v10
;;     v37 = iadd.i64 v10, v4
;;     v38 = iconst.i64 -1
;;     v39 = iadd v37, v38
;;     istore8.i64 notrap little heap v15, v39
;;     return
;;
;; block10:
;;     return
;;
;; block2:
;;     v40 = iconst.i64 32
;;     v41 = icmp.i64 ule v4, v40
;;     brif v41, block11, block12
;;
;; block11:
;;     store.i64x2 notrap little heap v17, v10
;;     v42 = iadd.i64 v10, v4
;;     v43 = iconst.i64 -16
;;     v44 = iadd v42, v43
;;     store.i64x2 notrap little heap v17, v44
;;     return
;;
;; block12:
;;     v45 = iconst.i64 64
;;     v46 = icmp.i64 ule v4, v45
;;     brif v46, block13, block14
;;
;; block13:
;;     store.i64x2 notrap little heap v17, v10
;;     store.i64x2 notrap little heap v17, v10+16
;;     v47 = iadd.i64 v10, v4
;;     v48 = iconst.i64 -32
;;     v49 = iadd v47, v48
;;     store.i64x2 notrap little heap v17, v49
;;     store.i64x2 notrap little heap v17, v49+16
;;     return
;;
;; block14:
;;     v50 = iconst.i64 128
;;     v51 = icmp.i64 ule v4, v50
;;     brif v51, block15, block16
;;
;; block15:
;;     store.i64x2 notrap little heap v17, v10
;;     store.i64x2 notrap little heap v17, v10+16
;;     store.i64x2 notrap little heap v17, v10+32
;;     store.i64x2 notrap little heap v17, v10+48
;;     v52 = iadd.i64 v10, v4
;;     v53 = iconst.i64 -64
;;     v54 = iadd v52, v53
;;     store.i64x2 notrap little heap v17, v54
;;     store.i64x2 notrap little heap v17, v54+16
;;     store.i64x2 notrap little heap v17, v54+32
;;     store.i64x2 notrap little heap v17, v54+48
;;     return
;;
;; block16:
;;     v55 = iadd.i64 v10, v4
;;     v56 = iconst.i64 -64
;;     v57 = iadd v55, v56
;;     store.i64x2 notrap little heap v17, v10
;;     v58 = iconst.i64 -16
;;     v59 = band.i64 v10, v58
;;     v60 = iconst.i64 16
;;     v61 = iadd v59, v60
;;     jump block17(v61)
;;
;; block17(v62: i64):
;;     store.i64x2 notrap little heap v17, v62
;;     store.i64x2 notrap little heap v17, v62+16
;;     store.i64x2 notrap little heap v17, v62+32
;;     store.i64x2 notrap little heap v17, v62+48
;;     v63 = iconst.i64 64
;;     v64 = iadd v62, v63
;;     v65 = icmp ult v64, v57
;;     brif v65, block17(v64), block18
;;
;; block18:
;;     store.i64x2 notrap little heap v17, v57
;;     store.i64x2 notrap little heap v17, v57+16
;;     store.i64x2 notrap little heap v17, v57+32
;;     store.i64x2 notrap little heap v17, v57+48
;;     return
;; }
;;
;; ; memory_grow
;; function u3:2(i64 vmctx, i32, i64) -> i64 tail {
;;     sig0 = (i32, i64) -> i64 system_v
;;     fn0 = colocated u5:0 sig0
;;
;; block0(v0: i64, v1: i32, v2: i64):
;;     v3 = load.i64 notrap aligned little v0+8
;;     v4 = iconst.i64 -2147483648
;;     v5 = get_stack_pointer.i64
;;     v6 = band v5, v4
;;     store notrap aligned little v0, v6+112
;;     v7 = iconst.i32 2
;;     v8 = get_frame_pointer.i64
;;     store notrap aligned little v8, v3+24
;;     v9 = get_return_address.i64
;;     store notrap aligned little v9, v3+32
;;     store notrap aligned little v1, v6+256
;;     store notrap aligned little v2, v6+272
;;     store notrap aligned little v7, v6+28
;;     v10 = iconst.i32 4
;;     v11 = call fn0(v10, v6)
;;     v12 = load.i64 notrap aligned little v11+256
;;     return v12
;; }
;;
;; ; memory_init
;; function u3:3(i64 vmctx, i32, i32, i64, i32, i32) tail {
;;     sig0 = (i32, i64) -> i64 system_v
;;     fn0 = colocated u5:0 sig0
;;
;; block0(v0: i64, v1: i32, v2: i32, v3: i64, v4: i32, v5: i32):
;;     v6 = load.i64 notrap aligned little v0+8
;;     v7 = iconst.i64 -2147483648
;;     v8 = get_stack_pointer.i64
;;     v9 = band v8, v7
;;     store notrap aligned little v0, v9+112
;;     v10 = iconst.i32 3
;;     v11 = get_frame_pointer.i64
;;     store notrap aligned little v11, v6+24
;;     v12 = get_return_address.i64
;;     store notrap aligned little v12, v6+32
;;     store notrap aligned little v1, v9+256
;;     store notrap aligned little v2, v9+272
;;     store notrap aligned little v3, v9+288
;;     store notrap aligned little v4, v9+304
;;     store notrap aligned little v5, v9+320
;;     store notrap aligned little v10, v9+28
;;     v13 = iconst.i32 4
;;     v14 = call fn0(v13, v9)
;;     return
;; }
;;
;; ; data_drop
;; function u3:4(i64 vmctx, i32) tail {
;;     sig0 = (i32, i64) -> i64 system_v
;;     fn0 = colocated u5:0 sig0
;;
;; block0(v0: i64, v1: i32):
;;     v2 = load.i64 notrap aligned little v0+8
;;     v3 = iconst.i64 -2147483648
;;     v4 = get_stack_pointer.i64
;;     v5 = band v4, v3
;;     store notrap aligned little v0, v5+112
;;     v6 = iconst.i32 4
;;     v7 = get_frame_pointer.i64
;;     store notrap aligned little v7, v2+24
;;     v8 = get_return_address.i64
;;     store notrap aligned little v8, v2+32
;;     store notrap aligned little v1, v5+256
;;     store notrap aligned little v6, v5+28
;;     v9 = iconst.i32 4
;;     v10 = call fn0(v9, v5)
;;     return
;; }
;;
;; ; table_grow
;; function u3:5(i64 vmctx, i32, i64, i64) -> i64 tail {
;;     sig0 = (i32, i64) -> i64 system_v
;;     fn0 = colocated u5:0 sig0
;;
;; block0(v0: i64, v1: i32, v2: i64, v3: i64):
;;     v4 = load.i64 notrap aligned little v0+8
;;     v5 = iconst.i64 -2147483648
;;     v6 = get_stack_pointer.i64
;;     v7 = band v6, v5
;;     store notrap aligned little v0, v7+112
;;     v8 = iconst.i32 5
;;     v9 = get_frame_pointer.i64
;;     store notrap aligned little v9, v4+24
;;     v10 = get_return_address.i64
;;     store notrap aligned little v10, v4+32
;;     store notrap aligned little v1, v7+256
;;     store notrap aligned little v2, v7+272
;;     store notrap aligned little v3, v7+288
;;     store notrap aligned little v8, v7+28
;;     v11 = iconst.i32 4
;;     v12 = call fn0(v11, v7)
;;     v13 = load.i64 notrap aligned little v12+256
;;     return v13
;; }
;;
;; ; table_fill
;; function u3:6(i64 vmctx, i32, i64, i64, i64) tail {
;;     sig0 = (i32, i64) -> i64 system_v
;;     fn0 = colocated u5:0 sig0
;;
;; block0(v0: i64, v1: i32, v2: i64, v3: i64, v4: i64):
;;     v5 = load.i64 notrap aligned little v0+8
;;     v6 = iconst.i64 -2147483648
;;     v7 = get_stack_pointer.i64
;;     v8 = band v7, v6
;;     store notrap aligned little v0, v8+112
;;     v9 = iconst.i32 6
;;     v10 = get_frame_pointer.i64
;;     store notrap aligned little v10, v5+24
;;     v11 = get_return_address.i64
;;     store notrap aligned little v11, v5+32
;;     store notrap aligned little v1, v8+256
;;     store notrap aligned little v2, v8+272
;;     store notrap aligned little v3, v8+288
;;     store notrap aligned little v4, v8+304
;;     store notrap aligned little v9, v8+28
;;     v12 = iconst.i32 4
;;     v13 = call fn0(v12, v8)
;;     return
;; }
;;
;; ; table_copy
;; function u3:7(i64 vmctx, i32, i32, i64, i64, i64) tail {
;;     sig0 = (i32, i64) -> i64 system_v
;;     fn0 = colocated u5:0 sig0
;;
;; block0(v0: i64, v1: i32, v2: i32, v3: i64, v4: i64, v5: i64):
;;     v6 = load.i64 notrap aligned little v0+8
;;     v7 = iconst.i64 -2147483648
;;     v8 = get_stack_pointer.i64
;;     v9 = band v8, v7
;;     store notrap aligned little v0, v9+112
;;     v10 = iconst.i32 7
;;     v11 = get_frame_pointer.i64
;;     store notrap aligned little v11, v6+24
;;     v12 = get_return_address.i64
;;     store notrap aligned little v12, v6+32
;;     store notrap aligned little v1, v9+256
;;     store notrap aligned little v2, v9+272
;;     store notrap aligned little v3, v9+288
;;     store notrap aligned little v4, v9+304
;;     store notrap aligned little v5, v9+320
;;     store notrap aligned little v10, v9+28
;;     v13 = iconst.i32 4
;;     v14 = call fn0(v13, v9)
;;     return
;; }
;;
;; ; table_init
;; function u3:8(i64 vmctx, i32, i32, i64, i32, i32) tail {
;;     sig0 = (i32, i64) -> i64 system_v
;;     fn0 = colocated u5:0 sig0
;;
;; block0(v0: i64, v1: i32, v2: i32, v3: i64, v4: i32, v5: i32):
;;     v6 = load.i64 notrap aligned little v0+8
;;     v7 = iconst.i64 -2147483648
;;     v8 = get_stack_pointer.i64
;;     v9 = band v8, v7
;;     store notrap aligned little v0, v9+112
;;     v10 = iconst.i32 8
;;     v11 = get_frame_pointer.i64
;;     store notrap aligned little v11, v6+24
;;     v12 = get_return_address.i64
;;     store notrap aligned little v12, v6+32
;;     store notrap aligned little v1, v9+256
;;     store notrap aligned little v2, v9+272
;;     store notrap aligned little v3, v9+288
;;     store notrap aligned little v4, v9+304
;;     store notrap aligned little v5, v9+320
;;     store notrap aligned little v10, v9+28
;;     v13 = iconst.i32 4
;;     v14 = call fn0(v13, v9)
;;     return
;; }
;;
;; ; elem_drop
;; function u3:9(i64 vmctx, i32) tail {
;;     sig0 = (i32, i64) -> i64 system_v
;;     fn0 = colocated u5:0 sig0
;;
;; block0(v0: i64, v1: i32):
;;     v2 = load.i64 notrap aligned little v0+8
;;     v3 = iconst.i64 -2147483648
;;     v4 = get_stack_pointer.i64
;;     v5 = band v4, v3
;;     store notrap aligned little v0, v5+112
;;     v6 = iconst.i32 9
;;     v7 = get_frame_pointer.i64
;;     store notrap aligned little v7, v2+24
;;     v8 = get_return_address.i64
;;     store notrap aligned little v8, v2+32
;;     store notrap aligned little v1, v5+256
;;     store notrap aligned little v6, v5+28
;;     v9 = iconst.i32 4
;;     v10 = call fn0(v9, v5)
;;     return
;; }
;;
;; ; throw
;; function u3:10(i64 vmctx, i32) tail {
;;     sig0 = (i32, i64) -> i64 system_v
;;     fn0 = colocated u5:0 sig0
;;
;; block0(v0: i64, v1: i32):
;;     v2 = load.i64 notrap aligned little v0+8
;;     v3 = iconst.i64 -2147483648
;;     v4 = get_stack_pointer.i64
;;     v5 = band v4, v3
;;     store notrap aligned little v0, v5+112
;;     v6 = iconst.i32 10
;;     v7 = get_frame_pointer.i64
;;     store notrap aligned little v7, v2+24
;;     v8 = get_return_address.i64
;;     store notrap aligned little v8, v2+32
;;     store notrap aligned little v1, v5+256
;;     store notrap aligned little v6, v5+28
;;     v9 = iconst.i32 4
;;     v10 = call fn0(v9, v5)
;;     return
;; }
;;
;; ; throw_ref
;; function u3:11(i64 vmctx, i64) tail {
;;     sig0 = (i32, i64) -> i64 system_v
;;     fn0 = colocated u5:0 sig0
;;
;; block0(v0: i64, v1: i64):
;;     v2 = load.i64 notrap aligned little v0+8
;;     v3 = iconst.i64 -2147483648
;;     v4 = get_stack_pointer.i64
;;     v5 = band v4, v3
;;     store notrap aligned little v0, v5+112
;;     v6 = iconst.i32 11
;;     v7 = get_frame_pointer.i64
;;     store notrap aligned little v7, v2+24
;;     v8 = get_return_address.i64
;;     store notrap aligned little v8, v2+32
;;     store notrap aligned little v1, v5+256
;;     store notrap aligned little v6, v5+28
;;     v9 = iconst.i32 4
;;     v10 = call fn0(v9, v5)
;;     return
;; }
